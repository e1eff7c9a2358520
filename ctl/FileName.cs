using System.CommandLine;
using System.CommandLine.Parsing;

namespace SidecarAgent.Ctl;

/// <summary>Options and arguments that name files or directories: any text but none.</summary>
internal static class FileName
{
    public static Option<string?> Option(string name, string helpName, string description) =>
        Checked(new Option<string?>(name) { Description = description, HelpName = helpName });

    /// <summary>One that may be given several times.</summary>
    public static Option<string[]> Options(string name, string helpName, string description) =>
        Checked(new Option<string[]>(name) { Description = description, HelpName = helpName });

    /// <summary>One or more names.</summary>
    public static Argument<string[]> Arguments(string name, string description)
    {
        var argument = new Argument<string[]>(name) { Description = description, Arity = ArgumentArity.OneOrMore };
        argument.Validators.Add(result => Check(result, name));
        return argument;
    }

    /// <summary>One name.</summary>
    public static Argument<string> Argument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result => Check(result, name));
        return argument;
    }

    private static Option<T> Checked<T>(Option<T> option)
    {
        option.Validators.Add(result => Check(result, option.Name));
        return option;
    }

    private static void Check(SymbolResult result, string name)
    {
        if (result.Tokens.Any(token => token.Value.Length == 0))
            result.AddError($"{name} needs a name");
    }
}
