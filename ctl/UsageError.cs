using System.CommandLine;
using System.CommandLine.Invocation;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Yaml;

namespace SidecarAgent.Ctl;

/// <summary>
/// Says what is wrong with a command line. A word that nobody expected may be a secret value that slipped, so it is
/// repeated only where a command's or an option's name was expected, and never past its '='.
/// </summary>
internal static class UsageError
{
    /// <summary>One sentence, or null if the command line can be run.</summary>
    public static string? Find(ParseResult parsed)
    {
        // Not so for --help and --version, which work on any command line.
        if (parsed.Errors.Count == 0 || parsed.Action is not ParseErrorAction)
            return null;

        var command = parsed.CommandResult.Command;
        var problem = parsed.UnmatchedTokens.Count > 0
            ? Unexpected(parsed.UnmatchedTokens[0], command)
            : command.Subcommands.Count > 0
            ? $"say what to do: {string.Join(", ", command.Subcommands.Select(c => c.Name))}"
            : string.Join("; ", parsed.Errors.Select(e => Lowered(e.Message.TrimEnd('.'))).Distinct());
        return $"{problem}; see '{FullName(command)} --help'";
    }

    private static string Unexpected(string token, Command command)
    {
        var isOption = token.StartsWith('-');
        if (!isOption && command.Subcommands.Count == 0)
            return "there is an argument too many";

        var name = token.Split('=')[0];
        var known = isOption ? KnownOptions(command) : command.Subcommands.Select(c => c.Name);
        var hint = NearestName.Find(name, known) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
        return $"unknown {(isOption ? "option" : "command")} '{Printable.Line(name, 64)}'{hint}";
    }

    private static IEnumerable<string> KnownOptions(Command command) =>
        command.Options.Concat(Parents(command).SelectMany(p => p.Options.Where(o => o.Recursive))).Select(o => o.Name);

    private static string FullName(Command command) =>
        string.Join(' ', Parents(command).Reverse().Select(p => p is RootCommand ? "sidecarctl" : p.Name)
            .Append(command is RootCommand ? "sidecarctl" : command.Name));

    private static IEnumerable<Command> Parents(Command command)
    {
        for (var at = command.Parents.OfType<Command>().FirstOrDefault(); at is not null;
            at = at.Parents.OfType<Command>().FirstOrDefault())
            yield return at;
    }

    private static string Lowered(string sentence) =>
        sentence.Length == 0 ? sentence : char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
