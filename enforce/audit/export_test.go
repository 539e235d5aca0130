package audit

// What the tests know of the inside.
const (
	MaxText  = maxText
	MaxFile  = maxFile
	MaxLines = maxLines
)

// Line is the event as it is written.
var Line = (*Event).line
