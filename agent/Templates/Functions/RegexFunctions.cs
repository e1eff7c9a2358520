using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Regular expressions with Go's syntax, in consul-template's order of arguments.</summary>
internal static class RegexFunctions
{
    public static readonly Function[] All =
    [
        new("regexMatch", 2, 2, call => BoolValue.Of(call.Context.Regexes.Get(call.String(0)).IsMatch(call.String(1)))),
        new("regexReplaceAll", 3, 3, call => Replace(call, call.String(2), call.String(1))),
    ];

    public static TextValue Replace(Call call, string text, string replacement) =>
        TextValue.Of(call.Context.Regexes.Get(call.String(0)).Replace(text, replacement, ""));
}
