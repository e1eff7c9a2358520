#compdef sidecarctl
# zsh completion for sidecarctl. To load it: source <(sidecarctl completion zsh)
_sidecarctl() {
    local line="${(j: :)words[1,CURRENT]}"
    local -a suggestions
    suggestions=("${(@f)$(sidecarctl "[suggest:${#line}]" "$line" 2>/dev/null)}")
    if [[ -n ${suggestions[1]} ]]; then
        compadd -- "${suggestions[@]}"
    else
        _files
    fi
}
compdef _sidecarctl sidecarctl
