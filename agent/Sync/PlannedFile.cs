using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Agent.Rendering;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;

namespace SidecarAgent.Agent.Sync;

/// <summary>A file of the configuration, ready to be made.</summary>
/// <param name="Path">Where below the mount.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Notify">Whom to tell when it changes; null: nobody but those who want to know of any file.</param>
/// <param name="Renderer">Makes its bytes.</param>
/// <param name="Secrets">Paths of all secrets that it needs.</param>
internal sealed record PlannedFile(
    FilePath Path, UnixFileMode Mode, Notification? Notify, FileRenderer Renderer, IReadOnlyList<string> Secrets)
{
    /// <exception cref="InvalidConfigurationException">The name cannot be used.</exception>
    public static PlannedFile Create(FileOptions options, FileRenderer renderer) =>
        FilePath.TryParse(options.File, out var path, out var problem)
            ? new PlannedFile(
                path, options.Mode, options.Notify, renderer,
                [.. renderer.Secrets.Select(need => need.Path).Distinct(StringComparer.Ordinal)])
            : throw new InvalidConfigurationException($"file '{options.File}' {problem}");
}
