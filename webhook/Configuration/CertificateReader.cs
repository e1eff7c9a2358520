using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook.Configuration;

/// <summary>Reads <c>tls</c>: the certificate comes from files, or it is made here.</summary>
internal static class CertificateReader
{
    private static readonly string[] FileKeys = ["certFile", "keyFile"];

    public static CertificateFiles? Files(YamlMap tls) =>
        tls.Has("selfManaged") ? null : new(tls.Text("certFile"), tls.Text("keyFile"));

    public static SelfManagedCertificate? SelfManaged(YamlMap tls)
    {
        if (tls.OptionalMap("selfManaged") is not { } own)
            return null;
        foreach (var key in FileKeys.Where(tls.Has))
            tls.Report(key, $"'{key}' does not go together with 'selfManaged': the certificate comes from files, or it is made here");
        return new SelfManagedCertificate(Name(own, "secret", "sidecar-webhook-tls"), Name(own, "webhook", "sidecar-agent"));
    }

    private static string Name(YamlMap own, string key, string fallback)
    {
        var name = own.OptionalText(key) ?? fallback;
        if (ValueRules.ObjectName(name) is { } problem)
            own.Report(key, $"'{key}': {problem}");
        return name;
    }
}
