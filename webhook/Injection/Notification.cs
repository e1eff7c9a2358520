using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// Whom the agent tells after files changed: a process by signal (<c>signal:HUP:nginx</c>) or a server in the pod by
/// HTTP (<c>http:8080/-/reload</c>).
/// </summary>
internal sealed record Notification(string Text, bool IsSignal)
{
    private const int MaxLength = 1024;
    private const string Expected = "signal:SIGNAL:PROCESS such as signal:HUP:nginx, or http:PORT/PATH such as http:8080/-/reload";

    private static readonly string[] Signals = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "WINCH"];

    public static bool TryParse(
        string text, [NotNullWhen(true)] out Notification? notification, [NotNullWhen(false)] out string? problem)
    {
        var isSignal = text.StartsWith("signal:", StringComparison.Ordinal);
        if (text.Length > MaxLength)
            problem = $"has {text.Length} characters; at most {MaxLength} are allowed";
        else if (isSignal)
            problem = SignalProblem(text["signal:".Length..]);
        else if (text.StartsWith("http:", StringComparison.Ordinal))
            problem = HttpProblem(text["http:".Length..]);
        else
            problem = $"expected {Expected}, got {Foreign.Quote(text)}";
        notification = problem is null ? new Notification(text, isSignal) : null;
        return problem is null;
    }

    public override string ToString() => Text;

    private static string? SignalProblem(string rest)
    {
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var signal = colon < 0 ? rest : rest[..colon];
        var process = colon < 0 ? "" : rest[(colon + 1)..];
        if (!Signals.Contains(signal))
            return $"the signal must be one of {string.Join(", ", Signals)}, got {Foreign.Quote(signal)}";
        if (process.Length == 0 || process.Any(c => c is <= ' ' or > '~' or '/'))
            return $"the process must be a name such as nginx, as 'ps -o comm' shows it, got {Foreign.Quote(process)}";
        return process is "pause" or AgentContainer.Name ? $"{process} is part of the pod, not of the application" : null;
    }

    private static string? HttpProblem(string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var port = slash < 0 ? rest : rest[..slash];
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
            return $"the port must be a number from 1 to 65535, got {Foreign.Quote(port)}; expected {Expected}";
        if (slash < 0)
            return $"the path is missing; expected {Expected}";
        return rest.AsSpan(slash).ContainsAnyExceptInRange('!', '~')
            ? "the path may hold only printable ASCII characters and no spaces; escape others with %"
            : null;
    }
}
