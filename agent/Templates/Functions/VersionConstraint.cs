namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>
/// What semverCompare asks of a version: comparisons with commas or spaces between (all must hold), with || between
/// (one must). The language is that of Masterminds/semver, on which sprig stands: = != > &lt; &gt;= &lt;= ~ ^, wildcards
/// (1.2.x, *) and ranges (1.2 - 1.4).
/// </summary>
internal static class VersionConstraint
{
    private static readonly string[] Operators = ["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];

    /// <returns>Null: the constraint cannot be read.</returns>
    public static bool? IsMet(string constraint, SemanticVersion version)
    {
        var isMet = false;
        foreach (var alternative in constraint.Split("||"))
        {
            if (AreAllMet(alternative, version) is not bool areMet)
                return null;
            isMet |= areMet;
        }

        return isMet;
    }

    private static bool? AreAllMet(string comparisons, SemanticVersion version)
    {
        var areMet = true;
        var words = comparisons.Split((char[])[' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return null;
        for (var i = 0; i < words.Length; i++)
        {
            bool? isMet;
            if (i + 2 < words.Length && words[i + 1] == "-")
            {
                isMet = Both(IsOneMet(">=", words[i], version), IsOneMet("<=", words[i + 2], version));
                i += 2;
            }
            else
            {
                var word = words[i];
                var comparison = Array.Find(Operators, word.StartsWith) ?? "";
                var operand = word[comparison.Length..];
                // A space may stand behind the operator.
                if (operand.Length == 0 && i + 1 < words.Length)
                    operand = words[++i];
                isMet = IsOneMet(comparison, operand, version);
            }

            if (isMet is null)
                return null;
            areMet &= isMet.Value;
        }

        return areMet;
    }

    private static bool? Both(bool? left, bool? right) => left is null || right is null ? null : left.Value && right.Value;

    private static bool? IsOneMet(string comparison, string operand, SemanticVersion version)
    {
        var text = WithoutWildcards(operand);
        var given = 0;
        var bound = new SemanticVersion(0, 0, 0, "", "");
        if (text.Length > 0 && !SemanticVersion.TryParse(text, out bound, out given))
            return null;

        // A version before its release is meant only by those who name one.
        if (version.Prerelease.Length > 0 && bound.Prerelease.Length == 0)
            return comparison == "!=" && given == 3;
        var order = version.CompareTo(bound);
        return comparison switch
        {
            "" or "=" => given == 3 ? order == 0 : IsWithin(bound, given, version),
            "!=" => given == 3 ? order != 0 : !IsWithin(bound, given, version),
            ">" => given == 3 ? order > 0 : order > 0 && !IsWithin(bound, given, version),
            ">=" or "=>" => order >= 0,
            "<" => order < 0,
            "<=" or "=<" => order <= 0 || (given < 3 && IsWithin(bound, given, version)),
            "~" or "~>" => order >= 0 && IsWithin(bound, Math.Min(given, 2), version),
            _ => order >= 0 && IsWithin(bound, FixedNumbers(bound, given), version),
        };
    }

    /// <summary>"1.2.x" without its end: 1.2.</summary>
    private static string WithoutWildcards(string operand)
    {
        var parts = operand.Split('.');
        var wildcard = Array.FindIndex(parts, part => part is "x" or "X" or "*");
        return wildcard < 0 ? operand : string.Join('.', parts[..wildcard]);
    }

    /// <summary>Whether the first numbers are the same.</summary>
    private static bool IsWithin(SemanticVersion bound, int numbers, SemanticVersion version) =>
        (numbers < 1 || version.Major == bound.Major)
        && (numbers < 2 || version.Minor == bound.Minor)
        && (numbers < 3 || version.Patch == bound.Patch);

    /// <summary>What ^ holds: all up to the first number that is not zero.</summary>
    private static int FixedNumbers(SemanticVersion bound, int given) =>
        bound.Major > 0 || given < 2 ? Math.Min(given, 1) : bound.Minor > 0 || given < 3 ? 2 : 3;
}
