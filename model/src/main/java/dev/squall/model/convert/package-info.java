/** From one file format to another. */
package dev.squall.model.convert;
