using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Certificates;

/// <summary>The parts of a MutatingWebhookConfiguration that tell API servers whom to call and whom to trust.</summary>
/// <param name="ResourceVersion">Of the object that was read.</param>
/// <param name="Entries">In the object's order; none if there is no such object.</param>
internal sealed record WebhookRegistration(string ResourceVersion, IReadOnlyList<WebhookRegistration.Entry> Entries)
{
    public static readonly WebhookRegistration Missing = new("", []);

    /// <summary>One webhook of it.</summary>
    /// <param name="DnsName">The name by which an API server calls it, or null if it has none.</param>
    /// <param name="Trusted">The authorities in its <c>caBundle</c>.</param>
    internal sealed record Entry(string Name, string? DnsName, IReadOnlyList<X509Certificate2> Trusted);

    /// <summary>What the certificate must be for.</summary>
    public IReadOnlyList<string> DnsNames =>
        [.. Entries.Select(entry => entry.DnsName).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Whether every webhook of it trusts this authority.</summary>
    public bool Trusts(CertifiedKey authority) =>
        Entries.Count > 0 && Entries.All(entry => Bundle.Holds(entry.Trusted, authority.Certificate));

    /// <summary>Whether every webhook of it trusts these authorities and no others.</summary>
    public bool TrustsExactly(IReadOnlyCollection<X509Certificate2> authorities) =>
        Entries.Count > 0 && Entries.All(entry => Bundle.IsSame(entry.Trusted, authorities));

    public static WebhookRegistration Read(JsonObject? configuration)
    {
        if (configuration?["webhooks"] is not JsonArray webhooks)
            return Missing;
        var version = configuration["metadata"] is JsonObject metadata ? ApiTree.Text(metadata, "resourceVersion") : null;
        return new WebhookRegistration(version ?? "", [.. webhooks.OfType<JsonObject>().Select(ReadEntry)]);
    }

    /// <summary>
    /// Writes the same authorities into every webhook. The resourceVersion in it makes the API server refuse the patch with a
    /// conflict if the object has changed since it was read.
    /// </summary>
    public JsonArray Patch(IReadOnlyCollection<X509Certificate2> authorities)
    {
        var bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(Bundle.Write(authorities)));
        var patch = new JsonArray(Operation("replace", "/metadata/resourceVersion", ResourceVersion));
        for (var i = 0; i < Entries.Count; i++)
            patch.Add((JsonNode)Operation("add", $"/webhooks/{i}/clientConfig/caBundle", bundle));
        return patch;
    }

    private static JsonObject Operation(string op, string path, string value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };

    private static Entry ReadEntry(JsonObject webhook)
    {
        var client = webhook["clientConfig"] as JsonObject ?? [];
        return new Entry(ApiTree.Text(webhook, "name") ?? "", DnsName(client), Authorities(ApiTree.Text(client, "caBundle") ?? ""));
    }

    private static string? DnsName(JsonObject client)
    {
        if (client["service"] is JsonObject service)
            return $"{ApiTree.Text(service, "name")}.{ApiTree.Text(service, "namespace")}.svc";
        return Uri.TryCreate(ApiTree.Text(client, "url"), UriKind.Absolute, out var url) && url.HostNameType is UriHostNameType.Dns
            ? url.IdnHost
            : null;
    }

    private static IReadOnlyList<X509Certificate2> Authorities(string bundle)
    {
        var bytes = new byte[bundle.Length];
        return Convert.TryFromBase64String(bundle, bytes, out var written) ? Bundle.Read(Encoding.UTF8.GetString(bytes, 0, written)) : [];
    }
}
