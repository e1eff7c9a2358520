using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Vault;

/// <summary>
/// Translates the annotations of Vault's agent injector into ours. Each is honoured, or answered with a warning that says
/// what to use, or, where the application would miss something, refused. What the pod says in our own annotations goes first.
/// </summary>
internal sealed class VaultTranslation
{
    private const string DefaultMountPath = "/vault/secrets";
    private const string SecretOf = "agent-inject-secret-";
    private const string TemplateOf = "agent-inject-template-";
    private const string TemplateFileOf = "agent-inject-template-file-";
    private const string CommandOf = "agent-inject-command-";
    private const string LeftDelimiterOf = "agent-template-left-delim-";
    private const string RightDelimiterOf = "agent-template-right-delim-";
    private const string MissingKeyOf = "error-on-missing-key-";
    private const string VolumePathOf = "secret-volume-path-";
    private const string KeepCase = "preserve-secret-case";

    /// <summary>As many warnings as an answer shows: each suggestion costs a look at every name.</summary>
    private const int MaxSuggestions = 10;

    private readonly VaultSettings _settings;
    private readonly PodTree _pod;
    private readonly Dictionary<string, string> _theirs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ours = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];
    private int _suggestions;

    private VaultTranslation(PodTree pod, VaultSettings settings)
    {
        (_pod, _settings) = (pod, settings);
        foreach (var (name, value) in pod.Annotations)
        {
            if (name.StartsWith(VaultAnnotations.Prefix, StringComparison.Ordinal))
                _theirs[name[VaultAnnotations.Prefix.Length..]] = value;
        }
    }

    /// <summary>The annotations of a pod as they are to be read: with Vault's translated, if that is on and the pod asks by them.</summary>
    public static AnnotationSet Of(PodTree pod, VaultSettings settings)
    {
        var translation = new VaultTranslation(pod, settings);
        if (!settings.Enabled || !translation._theirs.TryGetValue("agent-inject", out var asks) || IsFalse(asks))
            return new AnnotationSet(pod.Annotations);
        translation.Translate();
        return new AnnotationSet(translation._ours)
        {
            Origins = translation._origins,
            Problems = translation._problems,
            Warnings = translation._warnings,
            DefaultMountPath = DefaultMountPath,
        };
    }

    private void Translate()
    {
        Set(Annotations.Inject, "true", "agent-inject");
        // Vault's injector comes after the other init containers, unless it is told otherwise.
        Set(Annotations.First, IsSet("agent-init-first") ? "true" : "false", "agent-init-first");
        if (IsSet("agent-pre-populate-only"))
            Set(Annotations.Mode, "init", "agent-pre-populate-only");
        if (_theirs.TryGetValue("log-level", out var level))
            Set(Annotations.LogLevel, level.ToLowerInvariant() switch { "err" => "error", "warning" => "warn", var word => word }, "log-level");
        foreach (var (theirs, value) in _theirs.OrderBy(annotation => annotation.Key, StringComparer.Ordinal))
            Translate(theirs, value);
        if (IsSet("agent-run-as-same-user"))
            SetSameUser();

        foreach (var (name, value) in _pod.Annotations.Where(a => a.Key.StartsWith(Annotations.Prefix, StringComparison.Ordinal)))
        {
            _ours[name] = value;
            _origins.Remove(name[Annotations.Prefix.Length..]);
        }
    }

    private void Translate(string theirs, string value)
    {
        if (VaultAnnotations.IsFlag(theirs) && !IsTrue(value) && !IsFalse(value))
            Refuse(theirs, $"expected \"true\" or \"false\", got {Foreign.Quote(value)}");
        else if (theirs is "agent-inject-default-template" && value is not ("map" or "json"))
            Refuse(theirs, $"expected \"map\" or \"json\", got {Foreign.Quote(value)}");
        else if (VaultAnnotations.Renamed.TryGetValue(theirs, out var renamed))
            Set(renamed, value.Length == 0 && theirs.StartsWith("agent-limits-", StringComparison.Ordinal) ? "none" : value, theirs);
        else if (VaultAnnotations.RenamedPerFile.FirstOrDefault(kind => theirs.StartsWith(kind.Key, StringComparison.Ordinal)) is { Key: { } kind } perFile)
            Set(perFile.Value + NameOf(theirs, kind), value, theirs);
        else if (theirs.StartsWith(SecretOf, StringComparison.Ordinal))
            TranslateSecret(NameOf(theirs, SecretOf), value, theirs);
        else if (theirs.StartsWith(TemplateFileOf, StringComparison.Ordinal))
            Refuse(theirs, $"the agent's image holds no templates; write it into {TemplateOf}{NameOf(theirs, TemplateFileOf)}");
        else if (theirs.StartsWith(TemplateOf, StringComparison.Ordinal))
            Set(Annotations.TemplateOf + NameOf(theirs, TemplateOf), _settings.MapTemplate(value), theirs);
        else if (theirs.StartsWith(CommandOf, StringComparison.Ordinal))
            TranslateCommand(NameOf(theirs, CommandOf), value, theirs);
        else if (theirs.StartsWith(LeftDelimiterOf, StringComparison.Ordinal))
            SetDelimiters(theirs[LeftDelimiterOf.Length..], theirs);
        else if (theirs.StartsWith(RightDelimiterOf, StringComparison.Ordinal))
            SetDelimiters(theirs[RightDelimiterOf.Length..], theirs);
        else if (theirs.StartsWith(MissingKeyOf, StringComparison.Ordinal))
            Set(Annotations.MissingKeyOf + NameOf(theirs, MissingKeyOf), IsTrue(value) ? "error" : "default", theirs);
        else if (theirs.StartsWith(VolumePathOf, StringComparison.Ordinal))
            TranslateVolumePath(NameOf(theirs, VolumePathOf), value, theirs);
        else if (theirs is "agent-inject-token" or "agent-configmap" && (theirs is "agent-configmap" || IsTrue(value)))
            Refuse(theirs, theirs is "agent-configmap"
                ? "the agent is configured by annotations alone, see docs/annotations.md"
                : "no application gets the agent's token");
        else if (!IsHandled(theirs))
            Warn(theirs, value);
    }

    private static bool IsHandled(string theirs) =>
        VaultAnnotations.IsSilent(theirs)
        || theirs is "agent-inject" or "agent-init-first" or "agent-pre-populate-only" or "agent-run-as-same-user" or "log-level"
            or "agent-inject-default-template" or "agent-inject-token"
        || theirs.StartsWith(KeepCase, StringComparison.Ordinal);

    private void TranslateSecret(string name, string path, string theirs)
    {
        var mapped = _settings.Map(path);
        var theirTemplate = TemplateOf + theirs[SecretOf.Length..];
        if (_theirs.ContainsKey(theirTemplate))
            return;
        if (_theirs.GetValueOrDefault("agent-inject-default-template") is "json")
            Set(Annotations.SecretOf + name, mapped, theirs);
        else if (ValueRules.SecretPath(mapped) is { } problem)
            Refuse(theirs, problem);
        else
            // What Vault's default template prints: a line for each field.
            Set(Annotations.TemplateOf + name, $"{{{{ range $k, $v := secret \"{mapped}\" }}}}{{{{ $k }}}}: {{{{ $v }}}}\n{{{{ end }}}}", theirs);
    }

    private void TranslateCommand(string name, string command, string theirs)
    {
        if (VaultCommand.Notification(command) is { } notification)
            Set(Annotations.NotifyOf + name, notification, theirs);
        else
            Refuse(theirs, $"the agent runs no commands; tell the application with {Annotations.Prefix}{Annotations.NotifyOf}{Foreign.Plain(name)}, "
                + "such as \"signal:HUP:nginx\" or \"http:8080/-/reload\"");
    }

    private void TranslateVolumePath(string name, string path, string theirs)
    {
        var mount = _theirs.GetValueOrDefault("secret-volume-path", DefaultMountPath);
        var file = _theirs.GetValueOrDefault("agent-inject-file-" + theirs[VolumePathOf.Length..], name);
        if (path == mount)
            return;
        if (path.StartsWith(mount + "/", StringComparison.Ordinal))
            Set(Annotations.FileOf + name, $"{path[(mount.Length + 1)..].TrimEnd('/')}/{file}", theirs);
        else
            Refuse(theirs, $"all files of a pod are below one mount, {Foreign.Plain(mount)}; choose a directory there, or move the mount with secret-volume-path");
    }

    private void SetDelimiters(string theirName, string theirs) => Set(
        Annotations.DelimitersOf + NameOf(theirs, theirs[..^theirName.Length]),
        $"{_theirs.GetValueOrDefault(LeftDelimiterOf + theirName, "{{")} {_theirs.GetValueOrDefault(RightDelimiterOf + theirName, "}}")}",
        theirs);

    private void SetSameUser()
    {
        if (PodTree.Number(PodTree.Member(PodTree.Member(_pod.Containers[0].Fields, "securityContext"), "runAsUser")) is { } user)
            Set(Annotations.RunAsUser, user.ToString(System.Globalization.CultureInfo.InvariantCulture), "agent-run-as-same-user");
        else
            Refuse("agent-run-as-same-user", "the first container does not say its user (securityContext.runAsUser)");
    }

    /// <summary>Vault's injector writes names in lower case unless it is told to keep them.</summary>
    private string NameOf(string theirs, string kind)
    {
        var name = theirs[kind.Length..];
        return IsSet(KeepCase) || IsSet($"{KeepCase}-{name}") ? name : name.ToLowerInvariant();
    }

    private bool IsSet(string theirs) => _theirs.TryGetValue(theirs, out var value) && IsTrue(value);

    /// <summary>What Go takes for true.</summary>
    private static bool IsTrue(string value) => value is "1" or "t" or "T" or "true" or "TRUE" or "True";

    private static bool IsFalse(string value) => value is "0" or "f" or "F" or "false" or "FALSE" or "False";

    private void Set(string ours, string value, string theirs)
    {
        _ours[Annotations.Prefix + ours] = value;
        _origins[ours] = VaultAnnotations.Prefix + theirs;
    }

    private void Refuse(string theirs, string why) =>
        _problems.Add($"annotation {VaultAnnotations.Prefix}{Foreign.Plain(theirs)}: {why}");

    private void Warn(string theirs, string value)
    {
        var known = VaultAnnotations.Ignored.FirstOrDefault(ignored =>
            theirs == ignored.Key || (ignored.Key.EndsWith('-') && theirs.StartsWith(ignored.Key, StringComparison.Ordinal)));
        if (known.Key is "agent-pre-populate" && IsTrue(value))
            return;
        var why = known.Value ?? (_suggestions++ < MaxSuggestions && VaultAnnotations.Nearest(theirs) is { } nearest
            ? $"it is not known; did you mean {VaultAnnotations.Prefix}{Foreign.Plain(nearest)}?"
            : "it is not known");
        _warnings.Add($"{VaultAnnotations.Prefix}{Foreign.Plain(theirs)} has no effect: {why}");
    }
}
