"""What the interop tests share: a driver for the program, contents to send, partners and liars to send it with."""
