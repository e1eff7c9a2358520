using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>What the commands share that delete versions and bring them back.</summary>
internal static class VersionArguments
{
    private const int Most = 100;

    public static Argument<ulong[]> Create(bool required) => new("VERSION")
    {
        Description = $"Numbers of stored versions, at most {Most}.",
        Arity = required ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
        CustomParser = Parse,
    };

    public static Option<bool> Active() => new("--active")
    {
        Description = "Yes, also the version that is served: the secret is withdrawn from all its holders.",
    };

    /// <summary>"version 3", "versions 3, 4".</summary>
    public static string Name(IReadOnlyCollection<ulong> versions) =>
        (versions.Count == 1 ? "version " : "versions ")
        + string.Join(", ", versions.Select(version => version.ToString(CultureInfo.InvariantCulture)));

    private static ulong[] Parse(ArgumentResult result)
    {
        var numbers = new List<ulong>();
        foreach (var token in result.Tokens)
        {
            if (VersionNumber.TryParse(token.Value, out var number) && number > 0)
                numbers.Add(number);
            else
                result.AddError("a version is a whole number from 1 on");
        }

        if (numbers.Count > Most)
            result.AddError($"at most {Most} versions at once");
        return [.. numbers];
    }
}
