using System.CommandLine;
using System.Reflection;
using SidecarAgent.Webhook.Configuration;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook;

/// <summary>The command line: <c>run</c>, <c>check</c> and <c>version</c>. Exit codes: 0 done, 1 failed, 2 bad configuration.</summary>
internal static class WebhookCommands
{
    private const int Failed = 1;
    private const int BadConfiguration = 2;

    public static async Task<int> RunAsync(string[] arguments, TimeProvider time, TextWriter output, TextWriter error)
    {
        var parsed = Create(time, output, error).Parse(arguments);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return parsed.Errors.Count > 0 ? BadConfiguration : code;
    }

    private static RootCommand Create(TimeProvider time, TextWriter output, TextWriter error)
    {
        var config = new Option<string>("--config") { Description = "The configuration file, webhook.yaml.", Required = true };
        var run = new Command("run", "Answers the API server until it is told to stop.") { config };
        run.SetAction(async (parsed, cancellation) => await GuardedAsync(error, async () =>
        {
            var options = Load(parsed.GetRequiredValue(config));
            var cluster = ClusterAccess.Find(Environment.GetEnvironmentVariable);
            if (options.SelfManaged is not null && cluster is null)
                throw new InvalidDataException("tls.selfManaged needs an API server, and this is no pod of a cluster "
                    + "(KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set); use tls.certFile and tls.keyFile");
            await using var app = WebhookServer.Build(options, time, cluster);
            await SupervisedRun.UntilStoppedAsync(app, cancellation);
        }));
        var check = new Command("check", "Reads the configuration and the files it names, says what is wrong, and changes nothing.") { config };
        check.SetAction(async (parsed, cancellation) => await GuardedAsync(error, async () =>
        {
            var options = Load(parsed.GetRequiredValue(config));
            await WebhookServer.Build(options, time).DisposeAsync();
            await output.WriteLineAsync(
                $"the configuration is good: reviews on {options.Listen}, metrics on {options.MetricsListen}, agents run {options.Injection.Agent.Image}");
        }));
        var version = new Command("version", "Prints the version.");
        version.SetAction((_, _) => output.WriteLineAsync(
            typeof(WebhookCommands).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion));
        return new RootCommand("Injects the sidecar agent into pods that ask for it.") { run, check, version };
    }

    private static WebhookOptions Load(string path) => WebhookOptionsReader.Parse(File.ReadAllText(path), path);

    private static async Task<int> GuardedAsync(TextWriter error, Func<Task> action)
    {
        try
        {
            await action();
            return 0;
        }
        catch (InvalidYamlException e)
        {
            await error.WriteLineAsync(e.Message);
            return BadConfiguration;
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"sidecar-webhook: {e.Message}");
            return BadConfiguration;
        }
        catch (IOException e)
        {
            await error.WriteLineAsync($"sidecar-webhook: {e.Message}");
            return Failed;
        }
    }
}
