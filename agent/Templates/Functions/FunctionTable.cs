using System.Diagnostics.CodeAnalysis;
using SidecarAgent.Yaml;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>
/// What templates can call: Go's own functions, those of consul-template (on which Vault Agent's templates stand), and
/// sprig's. Where two have one name and differ, the first in this order has it; sprig's is also there as sprig_name, as
/// in consul-template.
/// </summary>
internal static class FunctionTable
{
    private const string SprigPrefix = "sprig_";

    private static readonly Dictionary<string, Function> Sprig = Collect(
        SprigTextFunctions.All, SprigRegexFunctions.All, SprigNumberFunctions.All, SprigListFunctions.All, SprigMapFunctions.All,
        SprigDefaultFunctions.All, SprigEncodingFunctions.All, SprigTypeFunctions.All, SprigDateFunctions.All, SprigUrlFunctions.All,
        SprigVersionFunctions.All, DigestFunctions.All);

    private static readonly Dictionary<string, Function> Functions = Collect(
        GoFunctions.All, ComparisonFunctions.All, CollectionFunctions.All, SecretFunctions.All, TextFunctions.All, RegexFunctions.All,
        EncodingFunctions.All, DocumentFunctions.All, NumberFunctions.All, TimeFunctions.All, Sprig.Values);

    /// <summary>All that can be called without a prefix.</summary>
    public static IReadOnlyCollection<string> Names => Functions.Keys;

    /// <param name="name">As the template writes it.</param>
    /// <param name="function">What it calls.</param>
    /// <param name="problem">Why it calls nothing.</param>
    public static bool TryFind(string name, [NotNullWhen(true)] out Function? function, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        var isSprig = name.StartsWith(SprigPrefix, StringComparison.Ordinal);
        var plain = isSprig ? name[SprigPrefix.Length..] : name;
        if ((isSprig && Sprig.TryGetValue(plain, out function)) || Functions.TryGetValue(plain, out function))
            return true;

        problem = RefusedFunctions.Reason(plain) is { } reason
            ? $"the function {plain} is not available: {reason}"
            : $"there is no function '{name}'" + (NearestName.Find(plain, Names) is { } nearest ? $"; did you mean '{nearest}'?" : "");
        return false;
    }

    private static Dictionary<string, Function> Collect(params IEnumerable<Function>[] families)
    {
        var functions = new Dictionary<string, Function>(StringComparer.Ordinal);
        foreach (var function in families.SelectMany(family => family))
            functions.TryAdd(function.Name, function);
        return functions;
    }
}
