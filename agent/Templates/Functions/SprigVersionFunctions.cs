using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's versions.</summary>
internal static class SprigVersionFunctions
{
    public static readonly Function[] All =
    [
        new("semver", 1, 1, Parse),
        new("semverCompare", 2, 2, Compare),
    ];

    private static DictValue Parse(Call call)
    {
        var version = Version(call, 0);
        var result = new DictValue();
        result.Set("Major", new IntValue(version.Major));
        result.Set("Minor", new IntValue(version.Minor));
        result.Set("Patch", new IntValue(version.Patch));
        result.Set("Prerelease", TextValue.Of(version.Prerelease));
        result.Set("Metadata", TextValue.Of(version.Metadata));
        result.Set("Original", call[0]);
        return result;
    }

    private static BoolValue Compare(Call call) => VersionConstraint.IsMet(call.String(0), Version(call, 1)) is bool isMet
        ? BoolValue.Of(isMet)
        : throw call.Error("the first string is not a constraint such as \">=1.2, <2\"");

    private static SemanticVersion Version(Call call, int index) => SemanticVersion.TryParse(call.String(index), out var version)
        ? version
        : throw call.Error("the string is not a version such as 1.2.3");
}
