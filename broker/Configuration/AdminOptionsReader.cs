using System.Globalization;
using System.Text;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads <c>admins</c>.</summary>
internal sealed class AdminOptionsReader(ConfiguredFiles files)
{
    /// <summary>What operators who come through the socket are called; nobody else may be.</summary>
    public const string LocalName = "local";

    /// <summary>Size of <c>sun_path</c> on Linux, less the closing zero (unix(7)).</summary>
    private const int MaxSocketPath = 107;

    public AdminOptions Read(YamlMap root, IReadOnlyList<IssuerOptions> issuers)
    {
        string? socket = null;
        IReadOnlySet<uint>? users = null;
        var subjects = new List<AdminSubject>();
        var certificates = new List<AdminCertificate>();
        foreach (var map in root.Maps("admins"))
        {
            if (map.OptionalMap("clientCertificate") is { } certificate)
                certificates.Add(Certificate(certificate));
            else if (!map.Has("socket"))
                subjects.Add(Subject(map, issuers, subjects));
            else if (socket is not null)
                map.Report("socket", "a socket is already configured; one is enough");
            else
                (socket, users) = (Socket(map), Users(map));
        }

        return new AdminOptions(socket, subjects) { SocketUsers = users, Certificates = certificates };
    }

    private AdminCertificate Certificate(YamlMap map)
    {
        var (subject, uri) = (map.OptionalText("subject"), map.OptionalText("uri"));
        if (string.IsNullOrEmpty(subject) && string.IsNullOrEmpty(uri))
            map.Report("'clientCertificate' needs 'subject' or 'uri', or everybody whom the CA has certified were an operator");
        return new AdminCertificate(
            files.Readable(map, "caFile", "put the CA of the operators' certificates there, in PEM"), subject, uri);
    }

    private static HashSet<uint>? Users(YamlMap map)
    {
        if (!map.Has("uids"))
            return null;
        if (map.IsEmptyList("uids"))
            map.Report("uids", "nobody is named, and nobody could use the socket; leave 'uids' out to let in whoever may open it");
        var users = new HashSet<uint>();
        foreach (var text in map.Texts("uids"))
        {
            if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var user))
                users.Add(user);
            else
                map.Report("uids", $"'{text}' is not a user id");
        }

        return users;
    }

    private string Socket(YamlMap map)
    {
        var socket = files.Written(map, "socket");
        if (Encoding.UTF8.GetByteCount(socket) > MaxSocketPath)
            map.Report("socket", $"the path of a socket has at most {MaxSocketPath} bytes, {socket} has more");
        return socket;
    }

    private static AdminSubject Subject(YamlMap map, IReadOnlyList<IssuerOptions> issuers, List<AdminSubject> others)
    {
        var admin = new AdminSubject(map.Text("issuer"), map.Text("subject"));
        if (admin.Issuer.Length > 0 && issuers.All(issuer => issuer.Issuer != admin.Issuer))
            map.Report("issuer", $"'{admin.Issuer}' is not one of the configured issuers");
        // The audit log names an operator by subject alone.
        if (admin.Subject == LocalName || admin.Subject.StartsWith($"{LocalName}:", StringComparison.Ordinal))
            map.Report("subject", $"'{LocalName}' is what the audit log calls the socket's users; use another subject");
        else if (admin.Subject.Length > 0 && others.Any(other => other.Subject == admin.Subject))
            map.Report("subject", $"'{admin.Subject}' is listed already; the audit log could not tell the two apart");
        return admin;
    }
}
