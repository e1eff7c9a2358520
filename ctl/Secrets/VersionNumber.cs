using System.CommandLine.Parsing;
using System.Globalization;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>Numbers of versions as they are typed: whole, plain digits.</summary>
internal static class VersionNumber
{
    public static Func<ArgumentResult, ulong> Parser(ulong min) => result =>
    {
        if (TryParse(result.Tokens[0].Value, out var number) && number >= min)
            return number;
        result.AddError($"a version is a whole number from {min} on");
        return 0;
    };

    public static bool TryParse(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
