using System.Globalization;
using System.Net;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Missed;
using SidecarAgent.Webhook.Policy;
using SidecarAgent.Webhook.Vault;
using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook.Configuration;

/// <summary>Reads webhook.yaml strictly: what is not known, or not of its kind, is an error with line and column.</summary>
internal static class WebhookOptionsReader
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(60);

    /// <param name="text">The content of the file.</param>
    /// <param name="name">How problems call the file.</param>
    /// <exception cref="InvalidYamlException">Anything is wrong; it has everything that is.</exception>
    public static WebhookOptions Parse(string text, string name)
    {
        var file = YamlFile.Parse(text, name);
        var root = file.Root;
        var broker = root.Map("broker");
        var tls = root.Map("tls");
        var options = new WebhookOptions
        {
            Listen = EndPoint(root, "listen", "0.0.0.0:8443"),
            MetricsListen = EndPoint(root, "metricsListen", "0.0.0.0:9464"),
            Drain = Drain(root),
            CertificateFiles = CertificateReader.Files(tls),
            SelfManaged = CertificateReader.SelfManaged(tls),
            Missed = Missed(root.OptionalMap("missed")),
            Injection = new InjectionSettings(Agent(root.Map("agent")), Broker(broker), TrustOf(root))
            {
                Plaintext = PlaintextPolicyReader.Read(root.OptionalMap("plaintext")),
                Vault = Vault(root.OptionalMap("vaultAnnotations")),
            },
            BrokerCaFile = broker.Text("caFile"),
        };
        file.ThrowIfInvalid();
        return options;
    }

    private static TimeSpan Drain(YamlMap root)
    {
        var drain = root.Duration("drain", TimeSpan.Zero);
        if (drain > LongestDrain)
            root.Report("drain", "'drain' must be at most 60s");
        return drain;
    }

    private static IPEndPoint EndPoint(YamlMap root, string key, string fallback)
    {
        var text = root.OptionalText(key) ?? fallback;
        var colon = text.LastIndexOf(':');
        if (colon > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && IPEndPoint.TryParse(text, out var endPoint))
            return endPoint;
        root.Report(key, $"'{key}' must be an IP address and a port, such as {fallback}");
        return IPEndPoint.Parse(fallback);
    }

    private static AgentSettings Agent(YamlMap agent) => new()
    {
        Image = Checked(agent, "image", agent.Text("image"), ValueRules.Image),
        PullPolicy = agent.OneOf("pullPolicy", "IfNotPresent", "Always", "IfNotPresent", "Never"),
        RunAsUser = agent.WholeNumber("runAsUser", (int)AgentSettings.DefaultId, 1, int.MaxValue),
        RunAsGroup = agent.WholeNumber("runAsGroup", (int)AgentSettings.DefaultId, 1, int.MaxValue),
        Resources = Resources(agent.OptionalMap("resources")),
    };

    private static AgentResources Resources(YamlMap? resources)
    {
        var requests = resources?.OptionalMap("requests");
        var limits = resources?.OptionalMap("limits");
        return new AgentResources(
            QuantityOrNone(requests, "cpu", AgentResources.Default.CpuRequest),
            QuantityOrNone(requests, "memory", AgentResources.Default.MemoryRequest),
            QuantityOrNone(limits, "cpu", AgentResources.Default.CpuLimit),
            QuantityOrNone(limits, "memory", AgentResources.Default.MemoryLimit));
    }

    private static BrokerSettings Broker(YamlMap broker) => new()
    {
        Address = Checked(broker, "address", broker.OptionalText("address") ?? BrokerSettings.DefaultAddress, ValueRules.Broker),
        Audience = Checked(broker, "audience", broker.OptionalText("audience") ?? BrokerSettings.DefaultAudience, ValueRules.Audience),
    };

    private static TrustPolicy TrustOf(YamlMap root) =>
        root.Has("trust") ? new TrustPolicy(TrustRuleReader.ReadAll(root.Maps("trust"))) : TrustPolicy.Default;

    private static VaultSettings Vault(YamlMap? vault)
    {
        if (vault is null)
            return VaultSettings.Off;
        var paths = vault.OptionalMap("paths");
        foreach (var path in paths?.Keys.Where(path => path is "" or ['/', ..]) ?? [])
            paths!.Report(path, $"'{path}': what Vault's paths begin with, without a '/' in front, such as secret/data/");
        return new VaultSettings(
            vault.Boolean("enabled", fallback: false),
            paths?.Keys.ToDictionary(path => path, paths.Text, StringComparer.Ordinal) ?? new Dictionary<string, string>(StringComparer.Ordinal));
    }

    private static Quantity? QuantityOrNone(YamlMap? map, string key, Quantity? fallback)
    {
        switch (map?.OptionalText(key))
        {
            case null:
                return fallback;
            case "none":
                return null;
            case { } text when Quantity.TryParse(text) is { } quantity:
                return quantity;
            default:
                map.Report(key, $"'{key}' must be a quantity such as 64Mi or 100m, or none");
                return fallback;
        }
    }

    private static MissedSettings Missed(YamlMap? missed)
    {
        if (missed is null)
            return MissedSettings.Default;
        var settings = new MissedSettings(missed.Boolean("report", fallback: true), missed.Boolean("evict", fallback: false));
        if (settings is { Report: false, Evict: true })
            missed.Report("evict", "'evict' needs 'report': no pod goes without a word about why");
        return settings;
    }

    private static string Checked(YamlMap map, string key, string value, Func<string, string?> rule)
    {
        if (value.Length > 0 && rule(value) is { } problem)
            map.Report(key, $"'{key}': {problem}");
        return value;
    }
}
