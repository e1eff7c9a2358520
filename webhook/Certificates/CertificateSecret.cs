using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Certificates;

/// <summary>
/// What the Kubernetes Secret holds. It alone says how far a change-over has come: who reads it knows what comes next.
/// </summary>
internal sealed record CertificateSecret
{
    private const string AuthorityCertificate = "ca.crt";
    private const string AuthorityKey = "ca.key";
    private const string NextCertificate = "next-ca.crt";
    private const string NextKey = "next-ca.key";
    private const string PreviousCertificates = "previous-ca.crt";
    private const string LeafCertificate = "tls.crt";
    private const string LeafKey = "tls.key";

    public static readonly CertificateSecret Empty = new();

    /// <summary>Vouches for <see cref="Leaf"/>.</summary>
    public CertifiedKey? Authority { get; init; }

    /// <summary>Will vouch for the next leaf, as soon as the API servers know it.</summary>
    public CertifiedKey? Next { get; init; }

    /// <summary>Vouched for leaves that some replica may still answer with. Newest first.</summary>
    public IReadOnlyList<X509Certificate2> Previous { get; init; } = [];

    /// <summary>What all replicas answer with; vouched for by <see cref="Authority"/>.</summary>
    public CertifiedKey? Leaf { get; init; }

    /// <summary>Which parts cannot be used, a few words each.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What the API servers are to trust.</summary>
    public IReadOnlyList<X509Certificate2> Trusted => Bundle.Distinct(
        new[] { Next, Authority }.OfType<CertifiedKey>().Select(key => key.Certificate).Concat(Previous));

    /// <summary>Keeps what can be used, and names what cannot. Nothing of it is believed: each key must fit its certificate.</summary>
    public static CertificateSecret Read(JsonObject? secret)
    {
        var data = secret?["data"] as JsonObject ?? [];
        var problems = new List<string>();
        var authority = Pair(data, AuthorityCertificate, AuthorityKey, problems);
        var next = Pair(data, NextCertificate, NextKey, problems);
        if (authority is { IsAuthority: false })
        {
            problems.Add($"{AuthorityCertificate} is no authority");
            authority = null;
        }

        if (next is { IsAuthority: false })
        {
            problems.Add($"{NextCertificate} is no authority");
            next = null;
        }

        var leaf = Pair(data, LeafCertificate, LeafKey, problems);
        if (leaf is not null && authority?.Signed(leaf) != true)
        {
            problems.Add($"{LeafCertificate} is not signed by {AuthorityCertificate}");
            leaf = null;
        }

        var previous = Text(data, PreviousCertificates);
        var kept = previous is null ? [] : Bundle.Read(previous);
        if (previous is not null && kept.Count == 0)
            problems.Add($"{PreviousCertificates} holds no certificate");
        return new CertificateSecret { Authority = authority, Next = next, Previous = kept, Leaf = leaf, Problems = problems };
    }

    /// <summary>The object to send: what it held is replaced as a whole; its metadata and type stay.</summary>
    /// <param name="secret">As it was read; null to make one.</param>
    public JsonObject Write(JsonObject? secret, string @namespace, string name)
    {
        var written = (JsonObject?)secret?.DeepClone() ?? new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["type"] = "Opaque",
            ["metadata"] = new JsonObject { ["namespace"] = @namespace, ["name"] = name },
        };
        var data = new JsonObject();
        Put(data, AuthorityCertificate, Authority?.CertificatePem);
        Put(data, AuthorityKey, Authority?.KeyPem);
        Put(data, NextCertificate, Next?.CertificatePem);
        Put(data, NextKey, Next?.KeyPem);
        Put(data, PreviousCertificates, Previous.Count == 0 ? null : Bundle.Write(Previous));
        Put(data, LeafCertificate, Leaf?.CertificatePem);
        Put(data, LeafKey, Leaf?.KeyPem);
        written["data"] = data;
        return written;
    }

    private static CertifiedKey? Pair(JsonObject data, string certificateName, string keyName, List<string> problems)
    {
        if (!data.ContainsKey(certificateName) && !data.ContainsKey(keyName))
            return null;
        if (CertifiedKey.TryRead(Text(data, certificateName) ?? "", Text(data, keyName) ?? "", out var pair))
            return pair;
        problems.Add($"{certificateName} and {keyName} are not a certificate and its key");
        return null;
    }

    /// <returns>Null if it is not there; empty if it is no text in base64.</returns>
    private static string? Text(JsonObject data, string name)
    {
        if (!data.ContainsKey(name))
            return null;
        var encoded = ApiTree.Text(data, name) ?? "";
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var written) ? Encoding.UTF8.GetString(bytes, 0, written) : "";
    }

    private static void Put(JsonObject data, string name, string? text)
    {
        if (text is not null)
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
    }
}
