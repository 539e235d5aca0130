package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

var filesystemLanguage = &block{
	name: "filesystem",
	doc: "Which files there are. Without it the program sees the system directories, read-only, and nothing of the user's. " +
		"A path that does not exist is skipped, unless it is written `required(path)`.",
	attributes: []attribute{
		{name: "view", of: oneWordOf(plan.ViewMinimal, plan.ViewHost, plan.ViewEmpty), fallback: `"minimal"`,
			doc: "minimal: system directories and what is granted; host: the host's tree read-only, home and credentials hidden; empty: the program and what is granted"},
		{name: "read", shape: list, of: aPath, fallback: "[]", doc: "may be read"},
		{name: "write", shape: list, of: aPath, fallback: "[]", doc: "may be read and written"},
		{name: "execute", shape: list, of: aPath, fallback: "everything that may be read",
			doc: "when given, if only as an empty list, nothing but these and the system directories may be executed"},
		{name: "hide", shape: list, of: aPath, fallback: "[]", doc: "absent or empty, even inside a granted tree"},
		{name: "protect", shape: list, of: aPath, fallback: "[]", doc: "readable but never writable, even inside a tree that may be written"},
		{name: "join", shape: list, of: aPath, fallback: "[]",
			doc: "a directory whose writable parts are shown as one mount, so that rename and link between them work; what is not granted in it is hidden where it exists at the start, and what appears there later is held by Landlock alone"},
		{name: "markers", shape: list, of: fileName, fallback: `[".git"]`,
			doc: "names that make a directory the project's root"},
	},
	blocks: []*block{bindLanguage, tmpfsLanguage},
	example: `
profile "files" {
  filesystem {
    view    = "minimal"
    read    = ["${project}", "${home}/.npmrc", required("/srv/data")]
    write   = ["${project}", "${xdg.cache}/tool"]
    execute = []
    hide    = ["${project}/.env"]
    protect = ["${project}/.git/hooks"]
    join    = ["${home}/work"]
    markers = [".git", "package.json"]
  }
}
`,
}

var bindLanguage = &block{
	name: "bind", label: "source", labelOf: aPath,
	key: func(e *entry) string { return e.body.singles["to"].keyOr(e.label.key) },
	doc: "Shows a file or directory of the host at another place. Of two binds to one place the child's holds.",
	attributes: []attribute{
		{name: "to", of: aPath, required: true, doc: "where it appears inside"},
		{name: "mode", of: oneWordOf(plan.ModeRead, plan.ModeWrite), fallback: `"read"`, doc: "read or write"},
	},
	example: `
profile "files" {
  filesystem {
    bind "${home}/.cache/npm-sandbox" {
      to   = "${home}/.npm"
      mode = "write"
    }
  }
}
`,
}

var tmpfsLanguage = &block{
	name: "tmpfs", label: "path", labelOf: aPath,
	doc: "An empty directory that may be written; its contents are gone when the program ends.",
	attributes: []attribute{
		{name: "size", of: aSize, fallback: "husk's default", doc: "how much it may hold: bytes, or a number with K, M, G or T (powers of 1024)"},
	},
	example: `
profile "files" {
  filesystem {
    tmpfs "${home}/.config" { size = "16M" }
  }
}
`,
}

var homeLanguage = &block{
	name: "home",
	doc:  "What the home directory is inside.",
	attributes: []attribute{
		{name: "mode", of: oneWordOf(plan.HomeGranted, plan.HomePrivate, plan.HomePersistent, plan.HomeHost), fallback: `"granted"`,
			doc: "granted: only what the file policy grants; private: an empty one, gone afterwards; persistent: one of the profile's own, kept; host: the user's"},
	},
	example: `
profile "homely" {
  home { mode = "private" }
}
`,
}

var tmpLanguage = &block{
	name: "tmp",
	doc:  "Temporary files.",
	attributes: []attribute{
		{name: "mode", of: oneWordOf(plan.TmpSession, plan.TmpHost), fallback: `"session"`,
			doc: "session: a directory of this run, which TMPDIR names; host: the host's /tmp"},
		{name: "slash_tmp", of: oneWordOf(plan.SlashTmpPrivate, plan.SlashTmpDenied), fallback: `"private"`,
			doc: "what a hard-coded /tmp is: private (writable, gone afterwards) or denied (writing fails)"},
		{name: "strict", of: trueOrFalse, fallback: "false", doc: "true: nothing of the host's /tmp can be read either"},
		{name: "cleanup", of: oneWordOf(plan.CleanupParent, plan.CleanupSystem), fallback: `"parent"`,
			doc: "who removes the session directory: parent (husk, when the program ends) or system (tmpfiles.d, no husk process stays)"},
		{name: "size", of: aSize, fallback: "husk's default", doc: "how much a private /tmp and the session directory may hold together, in memory; without one the session directory is as large as its file system"},
	},
	example: `
profile "temporary" {
  tmp {
    mode      = "session"
    slash_tmp = "denied"
    strict    = true
    cleanup   = "parent"
    size      = "256M"
  }
}
`,
}

var verifyLanguage = &block{
	name: "verify", label: "path", labelOf: aPath,
	doc: "Pins a file's content: with any other content the file is not opened. Not enforced yet: a profile with this block is refused.",
	attributes: []attribute{
		{name: "sha256", of: aDigest, required: true, doc: "the SHA-256 digest, 64 lower-case hexadecimal digits"},
	},
	example: `
profile "pinned" {
  verify "${project}/AGENTS.md" {
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  }
}
`,
}
