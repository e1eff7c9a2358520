# fish completion for sidecarctl. To load it: sidecarctl completion fish | source
function __sidecarctl_suggestions
    set -l line (commandline --current-process --cut-at-cursor | string collect)
    set -l suggestions (sidecarctl "[suggest:"(string length -- $line)"]" $line 2>/dev/null)
    # Options only where one was begun.
    string match --quiet -- '-*' (commandline --current-token)
    or set suggestions (string match --invert -- '-*' $suggestions)
    string match --regex -- '.+' $suggestions
end
# Where there is nothing to suggest, fish suggests files.
complete --command sidecarctl --no-files --condition '__sidecarctl_suggestions >/dev/null' --arguments '(__sidecarctl_suggestions)'
