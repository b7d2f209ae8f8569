package main

import "runtime/debug"

// leanGC is how much garbage there may be, in percent of what is in use, where
// memory counts more than time.
const leanGC = 25

// giveBack gives memory to the system that is not in use now: garbage, and
// pages of code, which are read again from their files when they are needed.
func giveBack() {
	debug.FreeOSMemory()
	dropCode()
}
