using System.Reflection;

namespace SidecarAgent.Agent.Commands;

/// <summary>The version that this program was built as.</summary>
internal static class ProductVersion
{
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? throw new InvalidOperationException("built without a version");
}
