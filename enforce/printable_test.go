package enforce

import "testing"

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"husk: error: /a/b c\n\thint\n": "husk: error: /a/b c\n\thint\n",
		"größe 日本":                      "größe 日本",
		"\x1b]0;title\x07\r":            `\x1b]0;title\a\r`,
		"\x9b31m":                       `\x9b31m`, // one byte, CSI to some terminals
		"\u009b31m\u007f":               `\u009b31m\x7f`,
		"a\ufffd":                       "a\ufffd",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := shellWord("a'; b"); got != `'a'\''; b'` {
		t.Errorf("%s", got)
	}
}
