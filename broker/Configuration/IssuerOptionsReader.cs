using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads <c>issuers</c>.</summary>
internal sealed class IssuerOptionsReader(ConfiguredFiles files)
{
    private const string DiscoveryWord = "discovery";

    public IReadOnlyList<IssuerOptions> ReadAll(YamlMap root)
    {
        var issuers = new List<IssuerOptions>();
        foreach (var map in root.Maps("issuers"))
        {
            var issuer = ReadOne(map);
            if (issuer.Issuer.Length > 0 && issuers.Any(other => other.Issuer == issuer.Issuer))
                map.Report("issuer", $"the issuer '{issuer.Issuer}' is configured already");
            issuers.Add(issuer);
        }

        if (issuers.Count == 0)
            root.Report("issuers", "'issuers' must name at least one issuer, or no workload could prove who it is");
        return issuers;
    }

    private IssuerOptions ReadOne(YamlMap map)
    {
        var issuer = map.Text("issuer");
        var keys = Keys(map, issuer);
        if (keys is KeySource.File)
            ReportHttpsOnly(map, "caFile", "tokenFile");

        return new IssuerOptions
        {
            Issuer = issuer,
            Audience = map.Text("audience"),
            Keys = keys,
            CaFile = files.OptionalReadable(map, "caFile", "put the issuer's CA certificate there, in PEM"),
            TokenFile = files.OptionalReadable(map, "tokenFile", "mount the broker's service account token there"),
            Algorithms = Algorithms(map),
        };
    }

    private static void ReportHttpsOnly(YamlMap map, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (map.Has(key))
                map.Report(key, $"'{key}' is only for keys that are fetched over https");
        }
    }

    private KeySource Keys(YamlMap map, string issuer)
    {
        var text = map.Text("keys");
        if (text == DiscoveryWord)
        {
            if (issuer.Length > 0 && Https(issuer) is not { Query: "" })
                map.Report("issuer", "with 'keys: discovery' the issuer must be an https address without '?' and '#'");
            return new KeySource.Discovery();
        }

        if (!text.Contains("://", StringComparison.Ordinal))
            return new KeySource.File(files.Readable(
                map, "keys", text, $"put the issuer's JSON Web Key Set there, or write 'keys: {DiscoveryWord}'"));
        if (Https(text) is { } address)
            return new KeySource.Url(address);
        map.Report("keys", "keys are fetched over https only, because whoever can change them on the way can be anybody");
        return new KeySource.Discovery();
    }

    private static Uri? Https(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri is { Scheme: "https", UserInfo: "", Fragment: "" }
            ? uri
            : null;

    private static IReadOnlyList<string> Algorithms(YamlMap map)
    {
        if (!map.Has("algorithms"))
            return IssuerOptions.AllowedAlgorithms;
        var algorithms = map.Texts("algorithms");
        var allowed = string.Join(", ", IssuerOptions.AllowedAlgorithms);
        foreach (var algorithm in algorithms.Where(name => !IssuerOptions.AllowedAlgorithms.Contains(name)))
            map.Report("algorithms", $"'{algorithm}' is not an algorithm that can be trusted here; expected some of {allowed}");
        if (algorithms.Count == 0)
            map.Report("algorithms", $"'algorithms' must name at least one of {allowed}");
        return algorithms;
    }
}
