/**
 * Chat templates: a small Jinja of our own. Reading order: {@link dev.squall.model.chat.ChatTemplate}, {@code Lexer},
 * {@code StatementParser}, {@code ExpressionParser}, {@code Statement}, {@code Expression}, {@code Frame}, {@code Values},
 * {@code Operators}, {@code Filters}, {@code Orders}, {@code ValueTests}, {@code Methods}, {@code JsonText}.
 */
package dev.squall.model.chat;
