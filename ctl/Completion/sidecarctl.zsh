#compdef sidecarctl
# zsh completion for sidecarctl. To load it: source <(sidecarctl completion zsh)
_sidecarctl() {
    local line="${(j: :)words[1,CURRENT]}"
    local -a suggestions
    suggestions=("${(@f)$(sidecarctl "[suggest:${#line}]" "$line" 2>/dev/null)}")
    # Options only where one was begun.
    [[ ${words[CURRENT]} == -* ]] || suggestions=("${(@)suggestions:#-*}")
    suggestions=(${suggestions:#})
    if (( $#suggestions )); then
        compadd -- "${suggestions[@]}"
    else
        _files
    fi
}
compdef _sidecarctl sidecarctl
