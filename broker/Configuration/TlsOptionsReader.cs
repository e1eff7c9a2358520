using SidecarAgent.Broker.Tls;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads <c>tls</c>: files, or <c>selfManaged</c>.</summary>
internal sealed class TlsOptionsReader(ConfiguredFiles files)
{
    private const int LongestName = 253;

    public TlsOptions Read(YamlMap tls)
    {
        if (tls.OptionalMap("selfManaged") is not { } own)
            return new TlsOptions(
                files.Readable(tls, "certFile", "put the broker's certificate there, in PEM"),
                files.Readable(tls, "keyFile", "put the certificate's private key there, in PEM"));

        if (tls.Has("certFile") || tls.Has("keyFile"))
            tls.Report("selfManaged", "'selfManaged' makes its own certificate; leave out 'certFile' and 'keyFile', or it");
        var managed = new SelfManagedTls(Hosts(own), files.WrittenDirectory(own, "directory", "tls"), ConfigMap(own));
        var file = CertificateDirectory.CertificateFileIn(managed.Directory);
        return new TlsOptions(file, file) { SelfManaged = managed };
    }

    private static IReadOnlyList<string> Hosts(YamlMap own)
    {
        var hosts = own.Texts("hosts");
        if (hosts.Count == 0)
            own.Report("hosts", "'hosts' must name at least one host, such as sidecar-broker.sidecar-agent.svc");
        foreach (var host in hosts.Where(host => Uri.CheckHostName(host) is UriHostNameType.Unknown || host.Length > LongestName))
            own.Report("hosts", $"'{host}' is neither the name of a host nor an IP address");
        return hosts;
    }

    private static string? ConfigMap(YamlMap own)
    {
        if (own.OptionalText("configMap") is not { } name)
            return null;
        if (name.Length is 0 or > LongestName || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.')))
            own.Report("configMap", "'configMap' must be the name of a ConfigMap: lower-case letters, digits, '-' and '.'");
        return name;
    }
}
