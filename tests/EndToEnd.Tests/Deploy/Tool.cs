using System.Collections;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.Deploy;

/// <summary>A program of this machine that tests use.</summary>
internal static class Tool
{
    /// <summary>Runs it to the end.</summary>
    /// <param name="name">Looked for in PATH, then in out/tools.</param>
    /// <param name="install">The line that installs it, for a machine that lacks it.</param>
    public static async Task<CommandResult> RunAsync(string name, string install, params string[] arguments)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Append(Path.Combine(Programs.Locate().Repository, "out", "tools", "usr", "bin"))
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        Assert.True(path is not null, $"{name} is missing; {install}");
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!);
        using var logs = TempDirectory.Create();
        return await new Command(path, environment, logs.FullName, TimeProvider.System).TryRunAsync(CancellationToken.None, arguments);
    }
}
