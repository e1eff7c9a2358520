using System.Text;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>The head of an HTTP/1 request (RFC 9112), as far as the status pages need it: what is asked for, and in which form.</summary>
/// <param name="Path">Without its query; always begins with a slash, and is not unescaped: no page needs that.</param>
/// <param name="Accept">The header of that name; null: there is none.</param>
internal sealed record StatusRequest(string Path, string? Accept)
{
    /// <summary>Of the head, its final empty line included.</summary>
    public const int MaxBytes = 8 * 1024;

    private static ReadOnlySpan<byte> End => "\r\n\r\n"u8;

    /// <summary>How long the head is, its end included; null: its end is not there yet.</summary>
    public static int? HeadLength(ReadOnlySpan<byte> received) =>
        received.IndexOf(End) is >= 0 and var end ? end + End.Length : null;

    /// <returns>A request; or the status code that says what is wrong with it.</returns>
    public static (StatusRequest? Request, int Problem) Parse(ReadOnlySpan<byte> head)
    {
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (lines[0].Split(' ') is not [var method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"])
            return (null, 400);
        if (method is not "GET")
            return (null, 405);
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return (new StatusRequest(query < 0 ? target : target[..query], Header(lines, "Accept:")), 200);
    }

    private static string? Header(string[] lines, string name) =>
        lines.Skip(1).FirstOrDefault(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase))?[name.Length..].Trim();
}
