// Package tests checks the Nix files: vendorHash by itself, everything else with
// Nix where root has it. README.md in this folder says what that proves.
package tests
