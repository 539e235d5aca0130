# The module system, as far as husk's modules use it: imports, options with types
# and defaults, mkIf, submodules, and errors for what no module declares.
lib:
let
  isOption = value: builtins.isAttrs value && value._type or null == "option";

  fail = where: what: throw "the option `${lib.concatStringsSep "." where}' ${what}";

  # One value of several definitions.
  only = check: what: where: definitions:
    if builtins.length definitions != 1 then
      fail where "is defined more than once"
    else if check (builtins.head definitions) then
      builtins.head definitions
    else
      fail where "is not ${what}";

  isPackage = value: builtins.isAttrs value && value.type or null == "derivation";

  types = rec {
    str = { merge = only builtins.isString "text"; };
    lines = { merge = where: definitions: if builtins.all builtins.isString definitions then lib.concatStringsSep "\n" definitions else fail where "is not text"; };
    bool = { merge = only builtins.isBool "true or false"; };
    path = { merge = only (value: builtins.isPath value || isPackage value || (builtins.isString value && builtins.substring 0 1 value == "/")) "a path"; };
    package = { merge = only isPackage "a package"; };
    attrs = { merge = where: definitions: if builtins.all builtins.isAttrs definitions then builtins.foldl' (a: b: a // b) { } definitions else fail where "is not a set"; };
    nullOr = type: {
      merge = where: definitions: if builtins.all builtins.isNull definitions then null else type.merge where definitions;
    };
    listOf = type: {
      merge =
        where: definitions:
        if builtins.all builtins.isList definitions then
          map (value: type.merge where [ value ]) (lib.concatLists definitions)
        else
          fail where "is not a list";
    };
    attrsOf = type: {
      merge =
        where: definitions:
        let
          names = builtins.attrNames (attrs.merge where definitions);
          of = name: map (definition: definition.${name}) (builtins.filter (definition: definition ? ${name}) definitions);
        in
        lib.genAttrs names (name: type.merge (where ++ [ name ]) (of name));
    };
    submodule = module: {
      merge =
        where: definitions:
        (evaluate {
          prefix = where;
          specialArgs.name = builtins.elemAt where (builtins.length where - 1);
          modules = [ module ] ++ definitions;
        }).config;
    };
  };

  # load gives a module's options and definitions, and those of its imports.
  load =
    arguments: module:
    let
      opened = if builtins.isPath module then import module else module;
      body = if builtins.isFunction opened then opened arguments else opened;
      structured = body ? options || body ? config || body ? imports;
      unknown = builtins.removeAttrs body [ "options" "config" "imports" ];
      own = {
        options = body.options or { };
        config = if structured then body.config or { } else body;
      };
    in
    if structured && unknown != { } then
      throw "a module has options or config, and beside them ${toString (builtins.attrNames unknown)}"
    else
      [ own ] ++ lib.concatLists (map (load arguments) (body.imports or [ ]));

  isIf = definition: builtins.isAttrs definition && definition._type or null == "if";

  # mkIf is looked at where an option's value is asked for and not before: its
  # condition is an option itself, mostly one of the same module.
  present = definition: if isIf definition then (if definition.condition then present definition.content else [ ]) else [ definition ];
  names = definition: if isIf definition then names definition.content else builtins.attrNames definition;
  at =
    name: definition:
    if isIf definition then
      map (content: definition // { inherit content; }) (at name definition.content)
    else if definition ? ${name} then
      [ definition.${name} ]
    else
      [ ];

  # declare puts the trees of options together.
  declare = where: a: b:
    a // builtins.mapAttrs (name: value: if !(a ? ${name}) then value else if isOption value || isOption a.${name} then fail (where ++ [ name ]) "is declared twice" else declare (where ++ [ name ]) a.${name} value) b;

  resolve =
    where: options: definitions:
    let
      undeclared = builtins.filter (name: !(options ? ${name})) (lib.concatLists (map names definitions));
      value =
        name: option:
        let
          here = where ++ [ name ];
          below = lib.concatLists (map (at name) definitions);
          given = lib.concatLists (map present below);
        in
        if !isOption option then
          resolve here option below
        else if given != [ ] then
          option.type.merge here given
        else if option ? default then
          option.default
        else
          fail here "is used but not defined";
    in
    if undeclared != [ ] then fail (where ++ [ (builtins.head undeclared) ]) "does not exist" else builtins.mapAttrs value options;

  evaluate =
    {
      modules,
      specialArgs ? { },
      prefix ? [ ],
    }:
    let
      loaded = lib.concatLists (map (load (specialArgs // { inherit config; lib = lib // self; })) modules);
      options = builtins.foldl' (declare prefix) { } (map (module: module.options) loaded);
      config = resolve prefix options (map (module: module.config) loaded);
    in
    { inherit config options; };

  self = {
    inherit types;
    evalModules = evaluate;
    mkOption = option: option // { _type = "option"; };
    mkEnableOption =
      what:
      self.mkOption {
        type = types.bool;
        default = false;
        description = "Whether to enable ${what}.";
      };
    mkIf = condition: content: {
      _type = "if";
      inherit condition content;
    };
  };
in
self
