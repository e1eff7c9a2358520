# bash completion for sidecarctl. To load it: source <(sidecarctl completion bash)
_sidecarctl() {
    local line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} suggestion
    # What follows '=' or ':' is a word of its own to bash, but not to sidecarctl.
    [[ $word == [=:] ]] && word=
    COMPREPLY=()
    while IFS= read -r suggestion; do
        # Options only where one was begun.
        [[ $suggestion == -* && $word != -* ]] && continue
        if [[ $suggestion == "$word"* ]]; then COMPREPLY+=("$suggestion"); fi
    done < <(sidecarctl "[suggest:${#line}]" "$line" 2>/dev/null)
}
complete -o default -F _sidecarctl sidecarctl
