using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;

namespace SidecarAgent.Ctl;

/// <summary><c>version</c></summary>
internal static class VersionCommand
{
    public static Command Create(Cli cli)
    {
        var command = new Command("version", "Says which version of sidecarctl this is.");
        cli.Offline(command, _ => new Answer(new JsonObject { ["version"] = Number }) { Lines = [$"sidecarctl {Number}"] });
        return command;
    }

    private static string Number =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
