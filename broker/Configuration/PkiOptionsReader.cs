using SidecarAgent.Broker.Engines.Pki;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads, of a mount, its CA and what certificates of its roles carry.</summary>
internal static class PkiOptionsReader
{
    private static readonly TimeSpan LongestLease = TimeSpan.FromDays(90);

    private static readonly Dictionary<string, GeneratorKind> Keys = new()
    {
        ["ecdsa-p256"] = GeneratorKind.EcdsaP256,
        ["ecdsa-p384"] = GeneratorKind.EcdsaP384,
        ["rsa"] = GeneratorKind.Rsa,
        ["ed25519"] = GeneratorKind.Ed25519,
    };

    public static PkiOptions Read(YamlMap mount)
    {
        var ca = mount.Map("ca");
        var commonName = ca.Text("commonName");
        if (commonName.Length > 64 || commonName.Any(char.IsControl))
            ca.Report("commonName", "'commonName' has at most 64 characters, none of them a control character");
        var lifetime = ca.Duration("lifetime", PkiOptions.DefaultLifetime);
        if (lifetime < TimeSpan.FromDays(1))
            ca.Report("lifetime", "'lifetime' must be at least 1d");
        Uri? crl = null;
        if (mount.OptionalText("crlUrl") is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out crl) && crl.Scheme is "http" or "https"))
            mount.Report("crlUrl", "'crlUrl' must be an http address that those who check certificates can reach");
        return new PkiOptions(commonName, lifetime, crl, Roles(mount));
    }

    /// <summary>A certificate is not renewed: its lease has no other end than its time.</summary>
    public static DynamicOptions Leased(DynamicOptions read) => read with
    {
        Roles = read.Roles.ToDictionary(role => role.Key, role => role.Value with { MaxTtl = role.Value.Ttl ?? TimeSpan.FromHours(24), Ttl = role.Value.Ttl ?? TimeSpan.FromHours(24) }),
    };

    private static Dictionary<string, PkiRole> Roles(YamlMap mount)
    {
        var roles = new Dictionary<string, PkiRole>();
        foreach (var map in AccountServerReader.Roles(mount))
        {
            if (map.Duration("ttl", TimeSpan.FromHours(24)) > LongestLease)
                map.Report("ttl", "a certificate lives at most 90d");
            roles[map.Text("name")] = new PkiRole(Names(map), Generator.Of(Keys[map.OneOf("key", "ecdsa-p256", [.. Keys.Keys])], 0, "", []), Usages(map));
        }

        return roles;
    }

    private static List<CertificateName> Names(YamlMap role)
    {
        var names = new List<CertificateName>();
        foreach (var text in role.Texts("names"))
        {
            if (CertificateName.Parse(text, out var name) is { } problem)
                role.Report("names", problem);
            else
                names.Add(name!);
        }

        if (!role.Has("names"))
            role.Report("'names' is missing: such as [ 'dns:{serviceAccount}.{namespace}.svc' ]");
        return names;
    }

    private static IReadOnlyList<string> Usages(YamlMap role)
    {
        var usages = role.Has("usages") ? role.Texts("usages") : [.. PkiRole.KnownUsages.Keys];
        foreach (var unknown in usages.Except(PkiRole.KnownUsages.Keys))
            role.Report("usages", $"there is no usage '{unknown}'; expected {string.Join(", ", PkiRole.KnownUsages.Keys)}");
        return [.. usages.Intersect(PkiRole.KnownUsages.Keys)];
    }
}
