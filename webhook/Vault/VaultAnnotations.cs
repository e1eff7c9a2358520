namespace SidecarAgent.Webhook.Vault;

/// <summary>
/// The annotations of Vault's agent injector that become one of ours by another name, and those that have no effect here
/// and say what to use instead. The others are <see cref="VaultTranslation"/>'s.
/// </summary>
internal static class VaultAnnotations
{
    public const string Prefix = "vault.hashicorp.com/";

    private const string NotNeeded = "it is not needed";
    private const string OperatorsBroker = "the webhook's configuration names the broker; sidecar-agent.io/broker can, where the trust policy allows it";
    private const string Verified = "the broker's certificate is always verified, against the authorities of the webhook's configuration";
    private const string Identity = "the agent proves the pod's service account, and the broker's policies name those";
    private const string Pushed = "the broker pushes every change at once";
    private const string Retries = "the agent tries again with a growing delay for as long as it takes";
    private const string NoCache = "the agent is the same process from the first file to the last, and keeps its leases";

    /// <summary>Same value, another name.</summary>
    public static IReadOnlyDictionary<string, string> Renamed { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["secret-volume-path"] = "mount-path",
        ["agent-inject-containers"] = "containers",
        ["agent-run-as-user"] = "run-as-user",
        ["agent-run-as-group"] = "run-as-group",
        ["agent-requests-cpu"] = "cpu-request",
        ["agent-requests-mem"] = "memory-request",
        ["agent-limits-cpu"] = "cpu-limit",
        ["agent-limits-mem"] = "memory-limit",
    };

    /// <summary>Same value, another name, for one NAME.</summary>
    public static IReadOnlyDictionary<string, string> RenamedPerFile { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["agent-inject-file-"] = "file-",
        ["agent-inject-perms-"] = "mode-",
    };

    /// <summary>Without effect, and why. A name that ends in '-' stands for all that begin so.</summary>
    public static IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["agent-pre-populate"] = "the first files are always there before the application starts",
        ["role"] = Identity,
        ["auth-type"] = Identity,
        ["auth-path"] = Identity,
        ["auth-config-"] = Identity,
        ["auth-min-backoff"] = Retries,
        ["auth-max-backoff"] = Retries,
        ["agent-auto-auth-exit-on-err"] = Retries,
        ["client-max-retries"] = Retries,
        ["client-timeout"] = Retries,
        ["template-config-exit-on-retry-failure"] = Retries,
        ["template-max-connections-per-host"] = NotNeeded,
        ["template-lease-renewal-threshold"] = "leases are renewed well before they end",
        ["template-static-secret-render-interval"] = Pushed,
        ["agent-service-account-token-volume-name"] = "the agent has a token of its own, meant for the broker alone",
        ["service"] = OperatorsBroker,
        ["namespace"] = OperatorsBroker,
        ["proxy-address"] = OperatorsBroker,
        ["tls-skip-verify"] = Verified,
        ["tls-secret"] = Verified,
        ["tls-server-name"] = Verified,
        ["ca-cert"] = Verified,
        ["ca-key"] = Verified,
        ["client-cert"] = Identity,
        ["client-key"] = Identity,
        ["agent-image"] = "the webhook's configuration names the image; sidecar-agent.io/image can, where the trust policy allows it",
        ["agent-extra-secret"] = "the agent mounts no Secrets",
        ["agent-copy-volume-mounts"] = "the agent mounts nothing of the application's",
        ["agent-set-security-context"] = "the injected containers always have one, which the restricted standard accepts",
        ["agent-share-process-namespace"] = "it is set where a signal needs it; otherwise set shareProcessNamespace in the pod",
        ["agent-requests-ephemeral"] = "the agent writes nothing to disk",
        ["agent-limits-ephemeral"] = "the agent writes nothing to disk",
        ["go-max-procs"] = NotNeeded,
        ["log-format"] = NotNeeded,
        ["agent-revoke-on-shutdown"] = "the agent always gives its leases back when the pod ends",
        ["agent-revoke-grace"] = "the agent always gives its leases back when the pod ends",
        ["agent-enable-quit"] = "a native sidecar ends with the application",
        ["agent-cache-enable"] = NoCache,
        ["agent-cache-use-auto-auth-token"] = NoCache,
        ["agent-cache-listener-port"] = NoCache,
        ["agent-cache-exit-on-err"] = NoCache,
        ["agent-disable-idle-connections"] = NotNeeded,
        ["agent-disable-keep-alives"] = NotNeeded,
        ["agent-json-patch"] = "what the agent's container needs has annotations of its own, see docs/annotations.md",
        ["agent-init-json-patch"] = "what the agent's container needs has annotations of its own, see docs/annotations.md",
        ["agent-telemetry-"] = "the agent serves its metrics on the port sidecar-metrics",
    };

    /// <summary>Those that <see cref="VaultTranslation"/> gives a meaning of their own; a name that ends in '-' is followed by a NAME.</summary>
    public static IReadOnlyList<string> Translated { get; } =
    [
        "agent-inject", "agent-inject-secret-", "agent-inject-template-", "agent-inject-template-file-", "agent-inject-default-template",
        "agent-template-left-delim-", "agent-template-right-delim-", "agent-inject-command-", "error-on-missing-key-", "secret-volume-path-",
        "preserve-secret-case", "preserve-secret-case-", "agent-inject-token", "agent-configmap", "agent-pre-populate-only", "agent-init-first",
        "agent-run-as-same-user", "log-level", "agent-inject-status", "agent-request-namespace",
    ];

    /// <summary>Whether the value must be true or false.</summary>
    public static bool IsFlag(string name) =>
        name is "agent-inject" or "agent-init-first" or "agent-pre-populate-only" or "agent-run-as-same-user" or "agent-inject-token"
        || name.StartsWith("preserve-secret-case", StringComparison.Ordinal)
        || name.StartsWith("error-on-missing-key-", StringComparison.Ordinal);

    /// <summary>What an unknown name was probably meant to be, or null.</summary>
    public static string? Nearest(string unknown) =>
        Yaml.NearestName.Find(unknown, Renamed.Keys.Concat(RenamedPerFile.Keys).Concat(Ignored.Keys).Concat(Translated)
            .Select(known => known.EndsWith('-') ? WithName(known, unknown) : known).OfType<string>());

    /// <summary>A known kind with the NAME that follows as many words of the unknown one; null if there are not as many.</summary>
    private static string? WithName(string kind, string unknown)
    {
        var at = -1;
        for (var words = kind.Count(c => c == '-'); words > 0; words--)
        {
            at = unknown.IndexOf('-', at + 1);
            if (at < 0)
                return null;
        }

        return kind + unknown[(at + 1)..];
    }

    /// <summary>Written by others for themselves; nobody means anything by them.</summary>
    public static bool IsSilent(string name) => name is "agent-inject-status" or "agent-request-namespace";
}
