using System.Reflection;
using System.Runtime.CompilerServices;

namespace SidecarAgent.Conventions.Tests;

/// <summary>Types that people wrote, of every project that is shipped.</summary>
internal static class OwnTypes
{
    private static readonly string[] Assemblies = ["sidecar-agent", "sidecar-broker", "sidecar-webhook", "sidecarctl", "SidecarAgent.Yaml"];

    /// <summary>The class that the compiler makes of a file with top-level statements cannot be sealed.</summary>
    private const string TopLevelStatements = "Program";

    public static IReadOnlyList<Type> All { get; } = [..
        Assemblies.SelectMany(name => Assembly.Load(name).GetTypes())
            .Where(type => type.FullName is not TopLevelStatements && !IsGenerated(type))];

    public static bool IsGenerated(MemberInfo member) =>
        member.Name.Contains('<', StringComparison.Ordinal)
        || member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || member.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute), inherit: false)
        || (member is Type { Namespace: { } space } && IsGeneratedNamespace(space))
        || (member.DeclaringType is { } outer && IsGenerated(outer));

    private static bool IsGeneratedNamespace(string space) =>
        space.StartsWith("Microsoft.", StringComparison.Ordinal) || space.StartsWith("System.", StringComparison.Ordinal)
        || space.StartsWith("SidecarAgent.V1", StringComparison.Ordinal);
}
