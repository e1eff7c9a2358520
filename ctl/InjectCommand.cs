using System.CommandLine;
using System.Reflection;
using System.Text;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Webhook.Configuration;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Policy;
using SidecarAgent.Yaml;

namespace SidecarAgent.Ctl;

/// <summary>
/// <c>sidecarctl inject</c>: what the webhook would make of the pods in a file, worked out here by the webhook's own code.
/// </summary>
internal static class InjectCommand
{
    private const int Rejected = 1;
    private const int BadInput = 2;
    private const int MaxCharacters = 16 * 1024 * 1024;

    private enum Show
    {
        Yaml,
        Explanation,
        Patch,
    }

    /// <param name="input">Standard input, for <c>-f -</c>; null: that of this process.</param>
    public static Command Create(TextReader? input = null)
    {
        var file = new Option<string>("--filename", "-f") { Description = "YAML with pods, or with workloads that make pods; - for standard input.", Required = true };
        var config = new Option<string?>("--config") { Description = "The webhook's webhook.yaml; without it, its defaults." };
        var @namespace = new Option<string>("--namespace", "-n") { Description = "Where pods that do not say so will be.", DefaultValueFactory = _ => "default" };
        var explain = new Option<bool>("--explain") { Description = "Say what would be added and why, instead of printing the YAML." };
        var patch = new Option<bool>("--patch") { Description = "Print the JSON patch (RFC 6902) instead of the YAML." };
        var command = new Command("inject", "Shows the pods that the webhook would make, without a cluster.") { file, config, @namespace, explain, patch };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(explain) && parsed.GetValue(patch))
                parsed.AddError("Either --explain or --patch.");
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var show = parsed.GetValue(explain) ? Show.Explanation : parsed.GetValue(patch) ? Show.Patch : Show.Yaml;
            var streams = parsed.InvocationConfiguration;
            try
            {
                var path = parsed.GetRequiredValue(file);
                var text = await Cli.InterruptibleAsync(() => Read(path, input ?? Console.In), cancellation);
                var settings = Settings(parsed.GetValue(config), streams.Error);
                var manifest = InjectedManifest.Make(text, path is "-" ? "standard input" : path, parsed.GetRequiredValue(@namespace), settings);
                return Answer(manifest, show, streams.Output, streams.Error);
            }
            catch (Exception e) when (e is InvalidYamlException or InvalidDataException or IOException or UnauthorizedAccessException)
            {
                WriteErrors(streams.Error, e is InvalidYamlException bad ? bad.Problems.Select(p => p.ToString()) : [e.Message]);
                return BadInput;
            }
        });
        return command;
    }

    private static int Answer(InjectedManifest manifest, Show show, TextWriter output, TextWriter error)
    {
        WriteErrors(error, manifest.Rejections);
        if (manifest.Rejections.Count > 0)
            return Rejected;
        foreach (var line in manifest.Warnings)
            error.WriteLine($"warning: {Printable.Line(line)}");
        if (manifest.Explanations.Count == 0)
            error.WriteLine($"nothing is injected: no pod here asks for it with {Annotations.Prefix}{Annotations.Inject}: \"true\"");

        switch (show)
        {
            case Show.Explanation:
                foreach (var line in manifest.Explanations)
                    output.WriteLine(Printable.Line(line));
                break;
            case Show.Patch:
                foreach (var patch in manifest.Patches)
                    output.WriteLine(patch);
                break;
            default:
                output.Write(manifest.Yaml);
                break;
        }

        return 0;
    }

    /// <summary>A line each. Names in a pod are its author's, and may hold what steers a terminal.</summary>
    private static void WriteErrors(TextWriter error, IEnumerable<string> problems)
    {
        foreach (var problem in problems)
            error.WriteLine($"sidecarctl: {Printable.Line(problem)}");
    }

    private static string Read(string path, TextReader input)
    {
        using var reader = path is "-" ? null : new StreamReader(path);
        var buffer = new char[64 * 1024];
        var text = new StringBuilder();
        while ((reader ?? input).Read(buffer) is > 0 and var count)
        {
            text.Append(buffer, 0, count);
            if (text.Length > MaxCharacters)
                throw new InvalidDataException($"the input has more than {MaxCharacters} characters");
        }

        return text.ToString();
    }

    private static InjectionSettings Settings(string? config, TextWriter error)
    {
        if (config is null)
        {
            var version = typeof(InjectCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
                .InformationalVersion.Split('+')[0];
            error.WriteLine("warning: without --config the pods shown lack the broker's authorities (caPem), and agents do not start without");
            return new InjectionSettings(
                new AgentSettings { Image = $"sidecar-agent:{version}" }, new BrokerSettings(), TrustPolicy.Default);
        }

        var options = WebhookOptionsReader.Parse(File.ReadAllText(config), config);
        if (!File.Exists(options.BrokerCaFile))
        {
            // It names a file in the webhook's container, which need not be on this machine.
            error.WriteLine($"warning: {options.BrokerCaFile} is not here, so that the pods shown lack the broker's authorities (caPem)");
            return options.Injection;
        }

        var live = new LiveInjectionSettings(options.Injection);
        live.WatchAuthorities(options.BrokerCaFile).Poll();
        return live.Current;
    }
}
