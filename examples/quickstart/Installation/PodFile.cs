using System.Text.Json.Nodes;
using SidecarAgent.Yaml;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>Reads a manifest in YAML as kubectl would send it, in JSON.</summary>
internal static class PodFile
{
    /// <exception cref="InstallationException">It is not a manifest.</exception>
    public static JsonObject Read(string path)
    {
        try
        {
            return YamlJson.Parse(File.ReadAllText(path), path) as JsonObject
                ?? throw new InstallationException($"{path} is not a manifest");
        }
        catch (InvalidYamlException e)
        {
            throw new InstallationException(e.Message);
        }
    }
}
