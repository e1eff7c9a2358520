using System.Buffers;

namespace SidecarAgent.Webhook.Vault;

/// <summary>
/// Finds the notification that a command amounts to, where it is a plain <c>kill</c>, <c>pkill</c>, <c>killall</c> or
/// <c>curl</c>. Other commands have no counterpart: the agent's image holds nothing that could run them.
/// </summary>
internal static class VaultCommand
{
    private static readonly SearchValues<char> ShellSyntax = SearchValues.Create("$`;|&<>\n");
    private static readonly string[] Shells = ["sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash"];

    /// <returns>Such as <c>signal:HUP:nginx</c>; null if the command is anything else.</returns>
    public static string? Notification(string command)
    {
        var words = Words(Unwrapped(command.Trim()));
        return words switch
        {
            ["kill", .. var rest] => Kill(rest),
            ["pkill" or "killall", .. var rest] => KillByName(rest),
            ["curl", .. var rest] => Curl(rest),
            _ => null,
        };
    }

    /// <summary>The script of <c>sh -c "..."</c>; else the command itself.</summary>
    private static string Unwrapped(string command)
    {
        foreach (var shell in Shells)
        {
            if (!command.StartsWith(shell + " -c ", StringComparison.Ordinal))
                continue;
            var script = command[(shell.Length + 4)..].Trim();
            var isQuoted = script.Length > 1 && script[0] is '"' or '\'' && script[^1] == script[0];
            return isQuoted ? script[1..^1].Trim() : script;
        }

        return command;
    }

    /// <summary>Words between spaces; <c>$(...)</c> and backquotes hold theirs together. Anything a shell would make more of: none.</summary>
    private static string[] Words(string command)
    {
        var plain = command.Replace("$(pidof ", "pidof:", StringComparison.Ordinal).Replace("$(pgrep ", "pidof:", StringComparison.Ordinal)
            .Replace("`pidof ", "pidof:", StringComparison.Ordinal).Replace("`pgrep ", "pidof:", StringComparison.Ordinal);
        var isSubstituted = plain != command;
        if (isSubstituted)
            plain = plain.Replace(")", "", StringComparison.Ordinal).Replace("`", "", StringComparison.Ordinal);
        return plain.AsSpan().ContainsAny(ShellSyntax)
            ? []
            : [.. plain.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('"', '\''))];
    }

    private static string? Kill(ReadOnlySpan<string> words)
    {
        var (signal, rest) = Signal(words);
        return rest is [var target] && target.StartsWith("pidof:", StringComparison.Ordinal)
            ? $"signal:{signal}:{target["pidof:".Length..]}"
            : null;
    }

    private static string? KillByName(ReadOnlySpan<string> words)
    {
        var (signal, rest) = Signal(words);
        if (rest is ["-x", ..])
            rest = rest[1..];
        return rest is [var name] && !name.StartsWith('-') ? $"signal:{signal}:{name}" : null;
    }

    /// <summary><c>-HUP</c>, <c>-SIGHUP</c>, <c>-1</c> or <c>-s HUP</c>; without one it is TERM.</summary>
    private static (string Signal, string[] Words) Signal(ReadOnlySpan<string> words) => words switch
    {
        ["-s" or "--signal", var signal, .. var rest] => (Named(signal), [.. rest]),
        [['-', .. { Length: > 0 } signal], .. var rest] when signal.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)) => (Named(signal), [.. rest]),
        _ => ("TERM", [.. words]),
    };

    private static string Named(string signal) => signal switch
    {
        "1" => "HUP",
        "2" => "INT",
        "3" => "QUIT",
        "10" => "USR1",
        "12" => "USR2",
        "15" => "TERM",
        "28" => "WINCH",
        _ when signal.StartsWith("SIG", StringComparison.Ordinal) => signal[3..],
        _ => signal,
    };

    /// <summary>A request to this pod, without headers and without a body that means anything.</summary>
    private static string? Curl(string[] words)
    {
        Uri? address = null;
        for (var i = 0; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "-X" or "--request":
                    if (i + 1 >= words.Length || words[++i] is not "POST")
                        return null;
                    break;
                case "-XPOST" or "-s" or "-S" or "-f" or "-sS" or "-sf" or "-fs" or "-fsS" or "-sSf" or "--silent" or "--fail" or "--show-error":
                    break;
                case var word when !word.StartsWith('-') && address is null && Uri.TryCreate(word, UriKind.Absolute, out address):
                    break;
                default:
                    return null;
            }
        }

        return address is { Scheme: "http", Host: "localhost" or "127.0.0.1", UserInfo: "" }
            ? $"http:{address.Port}{address.PathAndQuery}"
            : null;
    }
}
