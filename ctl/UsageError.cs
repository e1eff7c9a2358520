using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
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
        // --help and --version work on any command line.
        if (parsed.Action is HelpAction or SynchronousCommandLineAction { ClearsParseErrors: true })
            return null;

        var command = parsed.CommandResult.Command;
        return Problem(parsed, command) is { } problem ? $"{problem}; see '{FullName(command)} --help'" : null;
    }

    private static string? Problem(ParseResult parsed, Command command)
    {
        if (OptionsTakenForArguments(parsed).Concat(parsed.UnmatchedTokens).FirstOrDefault() is { } unexpected)
            return Unexpected(unexpected, command);
        if (parsed.Errors.Count == 0)
            return null;
        return command.Subcommands.Count > 0
            ? $"say what to do: {string.Join(", ", command.Subcommands.Select(c => c.Name))}"
            : string.Join("; ", parsed.Errors.Select(Sentence).Distinct());
    }

    /// <summary>The parser lists the values that it takes on lines of their own; here they are said in one.</summary>
    private static string Sentence(ParseError error)
    {
        var lines = error.Message.Split('\n', StringSplitOptions.TrimEntries);
        var option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        var expected = $"one of {string.Join(", ", lines.Skip(1))} is expected";
        return lines.Length == 1 ? Lowered(error.Message.TrimEnd('.'))
            : option is null ? expected
            : $"{option.Option.Name}: {expected}";
    }

    /// <summary>
    /// An option that nobody knows is an argument to the parser, where one is expected. After "--" it is meant so; before,
    /// <c>--pasword=x</c> must not become a field.
    /// </summary>
    private static IEnumerable<string> OptionsTakenForArguments(ParseResult parsed) =>
        parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash)
            ? []
            : parsed.CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(argument => argument.Tokens)
                .Select(token => token.Value)
                .Where(text => text is ['-', _, ..]);

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
        sentence is [var first, var second, ..] && !char.IsUpper(second)
            ? char.ToLowerInvariant(first) + sentence[1..]
            : sentence;
}
