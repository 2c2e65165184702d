/** The encoder that comes with Squall, and how it was made: {@code README.md} of this module. */
package dev.squall.bundled.encoder;
