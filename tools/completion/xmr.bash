# Completion of the xmr-* tools in bash. Words come from the --help of the tool itself, each entry on one line.

_xmr_entries() {
  "$@" --help 2> /dev/null < /dev/null | awk '
    /^  [^ ]/ { if (entry != "") print entry; entry = $0; next }
    /^   / { sub(/^ +/, ""); entry = entry " " $0; next }
    { if (entry != "") print entry; entry = ""; print }
    END { if (entry != "") print entry }'
}

_xmr() {
  local tool=$1 word=$2 before=$3 entries commands
  entries=$(_xmr_entries "$tool")
  commands=$(sed -n '/^Commands:/,/^$/ s/^  \([a-z][a-z0-9-]*\).*/\1/p' <<< "$entries")
  if ((COMP_CWORD > 1)) && grep -qxF -e "${COMP_WORDS[1]}" <<< "$commands"; then
    entries=$(_xmr_entries "$tool" "${COMP_WORDS[1]}")
    commands=
  elif ((COMP_CWORD > 1)); then
    commands=
  fi
  local words=$commands
  if [[ $word == -* ]]; then
    words=$(grep -oE '^  (-., )?--[a-z0-9-]+' <<< "$entries" | grep -oE -e '--[a-z0-9-]+')
  elif [[ $before == -* ]]; then
    # "[replace|refuse; default replace]", or "count|binary|log" in the place of the value.
    words=$(grep -E -e "^  (-., )?$before |^  $before, " <<< "$entries" | grep -oE '[a-z0-9+-]+(\|[a-z0-9+-]+)+' | tr '|' '\n')
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o default -F _xmr xmr-featurize xmr-index xmr-train xmr-predict xmr-eval xmr-inspect
