using SidecarAgent.Broker.Identity;
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
        var spiffe = map.OptionalMap("spiffe");
        var issuer = spiffe is null ? map.Text("issuer") : TrustDomain(spiffe);
        var keys = spiffe is null ? Keys(map, "keys", issuer) : Keys(spiffe, "bundle", issuer);
        if (spiffe is not null)
            ReportNotForSpiffe(map);
        var review = Review(map);
        if (keys is KeySource.File && review == TokenReviewMode.Off)
            ReportHttpsOnly(map, "caFile", "tokenFile");

        return new IssuerOptions
        {
            Review = review,
            ReviewCache = ReviewCache(map),
            ApiServer = ApiServer(map),
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

    private static string TrustDomain(YamlMap spiffe)
    {
        var name = spiffe.Text("trustDomain");
        if (name.Length > 0 && !SpiffeId.IsTrustDomain(name))
            spiffe.Report("trustDomain", "a trust domain has lower case letters, digits, '.', '-' and '_', such as prod.example");
        return name.Length == 0 ? "" : SpiffeId.Scheme + name;
    }

    private static void ReportNotForSpiffe(YamlMap map)
    {
        foreach (var key in new[] { "issuer", "keys", "tokenReview" })
        {
            if (map.Has(key))
                map.Report(key, $"'{key}' is for tokens of Kubernetes; 'spiffe' names the trust domain and its bundle");
        }
    }

    private static TokenReviewMode Review(YamlMap map)
    {
        var word = map.OneOf("tokenReview", "off", "off", "optional", "required");
        return Enum.Parse<TokenReviewMode>(word is "optional" or "required" ? word : "off", ignoreCase: true);
    }

    private static TimeSpan ReviewCache(YamlMap map)
    {
        var cache = map.Duration("tokenReviewCache", TimeSpan.FromSeconds(10));
        if (cache > TimeSpan.FromMinutes(5))
            map.Report("tokenReviewCache", "'tokenReviewCache' must be from 0s to 5m: so long a deleted pod's token goes on");
        return cache;
    }

    private static Uri ApiServer(YamlMap map)
    {
        const string Default = "https://kubernetes.default.svc";
        if (Https(map.OptionalText("apiServer") ?? Default) is { } address)
            return address;
        map.Report("apiServer", $"the API server is asked over https only; expected such as {Default}");
        return new Uri(Default);
    }

    private KeySource Keys(YamlMap map, string key, string issuer)
    {
        var text = map.Text(key);
        if (text == DiscoveryWord && key == "keys")
        {
            if (issuer.Length > 0 && Https(issuer) is not { Query: "" })
                map.Report("issuer", "with 'keys: discovery' the issuer must be an https address without '?' and '#'");
            return new KeySource.Discovery();
        }

        if (!text.Contains("://", StringComparison.Ordinal))
            return new KeySource.File(files.Readable(
                map, key, text, $"put the issuer's JSON Web Key Set there, or write 'keys: {DiscoveryWord}'"));
        if (Https(text) is { } address)
            return new KeySource.Url(address);
        map.Report(key, "keys are fetched over https only, because whoever can change them on the way can be anybody");
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
