using System.CommandLine;
using System.CommandLine.Help;
using SidecarAgent.Ctl.Development;
using SidecarAgent.Ctl.Keys;
using SidecarAgent.Ctl.Leases;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Revocation;
using SidecarAgent.Ctl.Rotations;
using SidecarAgent.Ctl.Secrets;

namespace SidecarAgent.Ctl;

/// <summary>The program behind <c>Main</c>: the tree of commands, and how each of their ends becomes an exit code.</summary>
internal static class CommandLine
{
    // A token that begins with '@' is not the name of a file full of arguments: people write passwords that way.
    private static readonly ParserConfiguration Parser = new()
    {
        EnablePosixBundling = false,
        ResponseFileTokenReplacer = null,
    };

    public static RootCommand CreateRoot(Surroundings surroundings)
    {
        var cli = new Cli(surroundings);
        var root = new RootCommand("Puts secrets into the broker, rotates and revokes them, and says who holds what.")
        {
            new Command("secret", "Put, list, show, activate and delete secrets.")
            {
                SecretPutCommand.Create(cli),
                SecretListCommand.Create(cli),
                SecretVersionsCommand.Create(cli),
                SecretShowCommand.Create(cli),
                SecretActivateCommand.Create(cli),
                SecretDeleteCommand.Create(cli),
                SecretUndeleteCommand.Create(cli),
                SecretDestroyCommand.Create(cli),
            },
            RotateCommand.Create(cli),
            TaintCommand.Create(cli),
            new Command("rotation", "Rotations that are under way, and when secrets are rotated by themselves.")
            {
                RotationListCommand.Create(cli),
                RotationShowCommand.Create(cli),
                RotationResumeCommand.Create(cli),
                RotationAbortCommand.Create(cli),
                RotationSetCommand.Create(cli),
            },
            HoldersCommand.Create(cli),
            TraceCommand.Create(cli),
            new Command("lease", "List and end leases.") { LeaseListCommand.Create(cli), LeaseRevokeCommand.Create(cli) },
            RevokeCommand.Create(cli),
            new Command("cut-off", "What 'revoke' has cut off: list it, lift it.")
            {
                CutOffListCommand.Create(cli),
                CutOffLiftCommand.Create(cli),
            },
            new Command("policy", "Ask what the policies decide, and check new ones.")
            {
                PolicyExplainCommand.Create(cli),
                PolicyCheckCommand.Create(cli),
            },
            new Command("key", "The keys that encrypt what is stored: look, rotate, wrap anew.")
            {
                KeyStatusCommand.Create(cli),
                KeyRotateCommand.Create(cli),
                KeyRewrapCommand.Create(cli),
            },
            new Command("audit", "Check the broker's audit log, and look for somebody in it, without the broker.")
            {
                AuditVerifyCommand.Create(cli),
                AuditHashCommand.Create(cli),
            },
            cli.WithoutOutputOption(
                InjectCommand.Create(new StreamReader(surroundings.Input)),
                "inject writes YAML, with --patch JSON and with --explain text; leave --output out"),
            new Command("dev", "What a development machine needs in place of a cluster.")
            {
                DevTokenCommand.Create(cli),
                DevCertificateCommand.Create(cli),
            },
            CompletionCommand.Create(),
            VersionCommand.Create(cli),
        };
        cli.AddOptions(root);

        // Paths begin with '/' here, options never do.
        var help = root.Options.OfType<HelpOption>().Single();
        help.Aliases.Remove("/h");
        help.Aliases.Remove("/?");
        return root;
    }

    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Surroundings surroundings, TextWriter output, TextWriter error)
    {
        var parsed = CreateRoot(surroundings).Parse(arguments, Parser);
        if (UsageError.Find(parsed) is { } problem)
            return await EndAsync(error, CommandFailedException.Usage(problem));

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
            };
            return await parsed.InvokeAsync(configuration);
        }
        catch (CommandFailedException e)
        {
            return await EndAsync(error, e);
        }
        catch (OperationCanceledException)
        {
            return await EndAsync(error, CommandFailedException.Failed("interrupted"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return await EndAsync(error, CommandFailedException.Failed(e.Message));
        }
    }

    private static async Task<int> EndAsync(TextWriter error, CommandFailedException failure)
    {
        await error.WriteLineAsync($"sidecarctl: {Printable.Line(failure.Message)}");
        return (int)failure.Code;
    }
}
