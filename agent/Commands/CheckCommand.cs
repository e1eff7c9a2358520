using System.Globalization;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Sync;

namespace SidecarAgent.Agent.Commands;

/// <summary><c>check</c>: says what would be fetched and written, and touches nothing.</summary>
internal static class CheckCommand
{
    /// <exception cref="InvalidConfigurationException">All that is wrong with it.</exception>
    public static void Run(AgentOptions options, TextWriter output)
    {
        var plan = FilePlan.Compile(options);
        var roots = BrokerTrust.Roots(options.Broker);
        output.WriteLine($"broker {options.Broker.Address}, trusted through {string.Join(", ", roots.Select(root => root.Subject))}");
        foreach (var secret in plan.Secrets)
            output.WriteLine($"secret {secret.Path}: {(secret.Fields.Count == 0 ? "all fields" : string.Join(", ", secret.Fields))}");
        foreach (var file in plan.Files)
        {
            var mode = Convert.ToString((int)file.Mode, 8).PadLeft(4, '0');
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"file {options.MountPath}/{file.Path} ({mode}) from {string.Join(", ", file.Secrets)}{(file.Notify is null ? "" : $", then {file.Notify}")}"));
        }
    }
}
