# fish completion for sidecarctl. To load it: sidecarctl completion fish | source
function __sidecarctl_suggestions
    set -l line (commandline --current-process --cut-at-cursor | string collect)
    sidecarctl "[suggest:"(string length -- $line)"]" $line 2>/dev/null
end
complete --command sidecarctl --arguments '(__sidecarctl_suggestions)'
