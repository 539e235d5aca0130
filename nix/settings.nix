# Nix attributes as HCL's JSON form (its syntax specification: strings are
# templates). The same code of husk's reads them as reads native HCL.
let
  # Text stays text: what would begin a template is escaped.
  literal = builtins.replaceStrings [ "\${" "%{" ] [ "$\${" "%%{" ];

  mark = "_huskExpression";

  encode =
    value:
    if builtins.isString value then
      literal value
    else if builtins.isList value then
      map encode value
    else if builtins.isAttrs value && value ? ${mark} then
      value.${mark}
    else if builtins.isAttrs value && value.type or null == "derivation" then
      "${value}"
    else if builtins.isPath value then
      literal "${value}"
    else if builtins.isAttrs value then
      builtins.listToAttrs (
        map (name: {
          name = literal name;
          value = encode value.${name};
        }) (builtins.attrNames value)
      )
    else
      value;
in
{
  # expr marks a template, such as an anchor that husk resolves when the command starts.
  expr = template: { ${mark} = template; };

  # profileJSON is the text of a profile file, NAME.hcl.json.
  profileJSON = name: settings: builtins.toJSON { profile.${name} = encode settings; };
}
