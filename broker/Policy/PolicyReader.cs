using SidecarAgent.Broker.Configuration;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Policy;

/// <summary>Turns policy files into policies, whose names are unique across all of them.</summary>
/// <param name="defaults">For grants that say nothing about time.</param>
internal sealed class PolicyReader(LeaseOptions defaults)
{
    private static readonly TimeSpan LongestLease = TimeSpan.FromDays(365);

    private readonly List<AccessPolicy> _policies = [];

    public IReadOnlyList<AccessPolicy> Policies => _policies;

    /// <exception cref="InvalidYamlException">Everything that is wrong with the file.</exception>
    public void Read(PolicyFile source)
    {
        var file = YamlFile.Parse(source.Text, source.Name);
        if (!file.Root.Has("policies"))
            file.Root.Report("a policy file needs 'policies', a list");
        foreach (var map in file.Root.Maps("policies"))
            _policies.Add(ReadPolicy(map, source.Name));
        file.ThrowIfInvalid();
    }

    private AccessPolicy ReadPolicy(YamlMap map, string file)
    {
        var name = map.Text("name");
        if (!IsName(name, 128))
            map.Report("name", "a policy's name has at most 128 letters, digits, '.', '_' and '-'");
        else if (name.Length > 0 && _policies.Find(policy => policy.Name == name) is { } other)
            map.Report("name", $"there is already a policy '{name}', in {other.File}");

        var subjects = Entries(map, "subjects", "whom it is about");
        var grants = Entries(map, "grants", "what it gives");
        return new AccessPolicy(
            name, file, [.. subjects.Select(ReadSubject).OfType<Subject>()], [.. grants.Select(ReadGrant)]);
    }

    private static IReadOnlyList<YamlMap> Entries(YamlMap policy, string key, string meaning)
    {
        var entries = policy.Maps(key);
        if (entries.Count == 0)
            policy.Report($"the policy needs '{key}', a list of at least one: {meaning}");
        return entries;
    }

    private static Subject? ReadSubject(YamlMap map)
    {
        if (map.Has("spiffe"))
            return ReadSpiffe(map);
        var issuer = map.OptionalText("issuer");
        if (issuer is "")
            map.Report("issuer", "'issuer' must not be empty; leave it out for any issuer");
        var namespaces = Name(map, "namespace");
        var serviceAccounts = Name(map, "serviceAccount");
        return namespaces is null || serviceAccounts is null ? null : new Subject.OfKubernetes(issuer, namespaces, serviceAccounts);
    }

    private static Subject.OfSpiffe? ReadSpiffe(YamlMap map)
    {
        foreach (var key in new[] { "issuer", "namespace", "serviceAccount" })
        {
            if (map.Has(key))
                map.Report(key, $"a subject with 'spiffe' has no '{key}'");
        }

        if (SpiffePattern.TryParse(map.Text("spiffe"), out var pattern))
            return new Subject.OfSpiffe(pattern);
        map.Report("spiffe", "'spiffe' must be a SPIFFE ID such as spiffe://prod.example/ns/shop/sa/orders; "
            + "'*' stands for any characters of one segment, and the trust domain is written out");
        return null;
    }

    private static SegmentPattern? Name(YamlMap map, string key)
    {
        var text = map.Text(key);
        if (text.Length == 0)
            return null;
        // Kubernetes names are lower case (RFC 1123), so anything else could never match.
        if (text.Length <= 253
            && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or '*')
            && SegmentPattern.TryParse(text, out var pattern, out _))
            return pattern;
        map.Report(key, $"'{key}' must be a Kubernetes name: lower case letters, digits, '-' and '.'; '*' stands for any of them");
        return null;
    }

    private Grant ReadGrant(YamlMap map)
    {
        var paths = PathPatternReader.Read(map, "the grant");
        var maxTtl = Time(map, "maxTtl", defaults.MaxTtl);
        var ttl = Time(map, "ttl", defaults.Ttl < maxTtl ? defaults.Ttl : maxTtl);
        if (ttl > maxTtl)
            map.Report("ttl", $"'ttl' must not be longer than 'maxTtl', which is {(long)maxTtl.TotalSeconds}s");
        return new Grant(paths, Fields(map), ttl, maxTtl);
    }

    private static HashSet<string>? Fields(YamlMap map)
    {
        if (!map.Has("fields"))
            return null;
        var fields = map.Texts("fields").ToHashSet(StringComparer.Ordinal);
        if (fields.Count == 0)
            map.Report("fields", "'fields' names no field; leave it out to grant all");
        foreach (var field in fields.Where(field => !IsName(field, 64)))
            map.Report("fields", $"'{field}' is not a field's name: 1 to 64 letters, digits, '.', '_' and '-'");
        return fields;
    }

    private static bool IsName(string text, int maxLength) =>
        text.Length <= maxLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static TimeSpan Time(YamlMap map, string key, TimeSpan fallback)
    {
        var time = map.Duration(key, fallback);
        if (time < TimeSpan.FromSeconds(1) || time > LongestLease)
            map.Report(key, $"'{key}' must be from 1s to 365d");
        return time;
    }
}
