# A package set of the machine's own tools: bash, coreutils, sed and Go come from
# PATH's usual directories, not from the store.
{
  system,
  overlays ? [ ],
}:
let
  lib = import ./lib.nix;

  tools = "/usr/local/go/bin:/usr/lib/go/bin:/usr/local/bin:/usr/bin:/bin";

  # derive builds with bash, which ends such scripts with exit 0: as the last
  # external command's status it would not always get through.
  derive =
    arguments: script:
    builtins.derivation (
      {
        inherit system;
        builder = "/bin/bash";
        PATH = tools;
        args = [
          "-e"
          "-u"
          "-o"
          "pipefail"
          (builtins.toFile "builder.sh" ''
            if [[ -n ''${TMPDIR:-} ]]; then cd "$TMPDIR"; fi
            ${"\n"}eval "$script"
            exit 0
          '')
        ];
        inherit script;
      }
      // arguments
    );

  # What a derivation of nixpkgs has beside derivation's own attributes.
  extend =
    package:
    {
      meta ? { },
      passthru ? { },
    }:
    package
    // {
      meta = {
        outputsToInstall = [ "out" ];
      } // meta;
    }
    // passthru;

  runCommand =
    name: arguments: script:
    extend (derive (builtins.removeAttrs arguments [ "meta" "passthru" ] // { inherit name; }) script) {
      meta = arguments.meta or { };
      passthru = arguments.passthru or { };
    };

  writeText = name: text: derive { inherit name text; passAsFile = [ "text" ]; } "cp $textPath $out";

  # A tree of links, as nixpkgs makes it: with a name and without a version.
  symlinkJoin =
    arguments@{ name, paths, postBuild ? "", ... }:
    runCommand name (builtins.removeAttrs arguments [ "name" "paths" "postBuild" ] // { inherit paths; }) ''
      mkdir -p $out
      for path in $paths; do
        cp -rs --no-preserve=mode $path/. $out/
      done
      ${postBuild}
    '';

  closureInfo =
    { rootPaths }:
    derive {
      name = "closure-info";
      __structuredAttrs = false;
      exportReferencesGraph = lib.concatLists (builtins.genList (n: [ "closure-${toString n}" (builtins.elemAt rootPaths n) ]) (builtins.length rootPaths));
    } ''
      mkdir $out
      grep --no-filename '^/nix/store/' closure-* | sort -u > $out/store-paths
    '';

  stdenv = {
    hostPlatform = { inherit system; };
    buildPlatform = {
      inherit system;
      canExecute = platform: platform.system == system;
    };
  };

  # buildGoModule, as nixpkgs has it: the modules are a fixed-output derivation,
  # whose hash is that of what `go mod vendor` gives.
  goModules =
    arguments:
    derive {
      name = "${arguments.pname}-go-modules";
      inherit (arguments) src;
      outputHash = arguments.vendorHash;
      outputHashMode = "recursive";
      outputHashAlgo = if arguments.vendorHash == "" then "sha256" else null;
      impureEnvVars = [ "GOPROXY" ];
      GOFLAGS = "-modcacherw";
      GOSUMDB = "off";
      GOTOOLCHAIN = "local";
    } ''
      export HOME=$TMPDIR
      cp -r --no-preserve=mode $src source
      cd source
      go mod vendor -o $out
    '';

  goPlatforms = {
    x86_64-linux = "amd64";
    aarch64-linux = "arm64";
  };

  buildGoModule =
    arguments:
    let
      modules = goModules arguments;
      outputs = arguments.outputs or [ "out" ];
      package = derive (
        {
          name = "${arguments.pname}-${arguments.version}";
          inherit (arguments) pname version src;
          inherit outputs;
          modules = if arguments.vendorHash == null then "" else modules;
          packages = map (p: "./${p}") (arguments.subPackages or [ "." ]);
          ldflags = arguments.ldflags or [ ];
          postInstall = arguments.postInstall or "";
          GOARCH = goPlatforms.${system};
          GOTOOLCHAIN = "local";
          GOPROXY = "off";
        }
        // arguments.env or { }
      ) ''
        export HOME=$TMPDIR
        cp -r --no-preserve=mode $src source
        cd source
        flags=-mod=mod
        if [[ -n $modules ]]; then
          cp -r --no-preserve=mode $modules vendor
          flags=-mod=vendor
        fi
        mkdir -p $out/bin
        go build $flags -trimpath -buildvcs=false -ldflags "$ldflags" -o $out/bin/ $packages
        eval "$postInstall"
      '';
    in
    extend package {
      meta = { outputsToInstall = outputs; } // (arguments.meta or { });
      passthru = (arguments.passthru or { }) // {
        inherit (arguments) pname version;
        inherit outputs;
        overrideAttrs = change: buildGoModule (arguments // change arguments);
      };
    };

  # A program of that name, for the library's profiles.
  stand-in =
    pname: commands:
    extend (derive { name = "${pname}-1"; inherit pname; version = "1"; inherit commands; } ''
      mkdir -p $out/bin
      for command in $commands; do
        printf '#!/bin/sh\necho %s\n' $command > $out/bin/$command
        chmod +x $out/bin/$command
      done
    '') { };

  base = final: {
    inherit lib system stdenv runCommand writeText symlinkJoin closureInfo buildGoModule;
    buildPackages = final;
    mkShell = arguments: runCommand "shell" (arguments.env or { }) "touch $out";
    callPackage =
      file: arguments:
      let
        f = import file;
      in
      lib.makeOverridable f (builtins.intersectAttrs (builtins.functionArgs f) final // arguments);

    curl = stand-in "curl" "curl";
    nodejs = stand-in "nodejs" "npm npx node";
    bash = stand-in "bash" "bash";
    coreutils = stand-in "coreutils" "ls";
    cacert = stand-in "cacert" "update-certificates";
    go = stand-in "go" "go";
    git = stand-in "git" "git";
    gnumake = stand-in "gnumake" "make";
    shellcheck = stand-in "shellcheck" "shellcheck";
    nixfmt = stand-in "nixfmt" "nixfmt";
  };

  # A fixed point over the overlays, as nixpkgs is.
  fixed =
    overlays:
    let
      final = builtins.foldl' (prev: overlay: prev // overlay final prev) (base final) overlays;
    in
    final // { extend = overlay: fixed (overlays ++ [ overlay ]); };
in
fixed overlays
