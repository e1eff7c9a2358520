using System.CommandLine;

namespace SidecarAgent.Ctl;

/// <summary>Options and arguments that name a file or a directory: any text but none.</summary>
internal static class FileName
{
    public static Option<string?> Option(string name, string helpName, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
                result.AddError($"{name} needs a name");
        });
        return option;
    }

    public static Argument<string> Argument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
                result.AddError($"{name} needs a name");
        });
        return argument;
    }
}
