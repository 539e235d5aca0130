// Package wrappers turns plans into files that stand on PATH, and finds the
// programs behind them.
//
// It has three parts. Renderers ([Renderer], [Select]) give the files for one
// command: a self-contained file that the kernel hands to the enforcer, a POSIX
// script, shell functions, a tree for the Nix store, or whatever an external
// program makes of the plan. [Apply] installs such files into one directory:
// under a lock, atomically file by file, changing only what differs and never
// touching a file that it did not write. [Finder] finds the real program of a
// command, and everything that must be readable for it to start.
//
// Nothing here runs when a wrapped command runs: all of it is decided before.
package wrappers
