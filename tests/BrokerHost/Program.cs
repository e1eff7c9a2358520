using Microsoft.Extensions.Logging;
using SidecarAgent.Broker;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.BrokerHost;

// A broker in a process of its own that kills itself at a step, for tests of what is left then.
// Arguments: the configuration, the step, and which time that it comes there.
var doom = new Doom(Enum.Parse<Step>(args[1]), int.Parse(args[2], null));
var options = BrokerOptions.Load(args[0]);
var server = await BrokerServer.StartAsync(
    options, TimeProvider.System,
    logging => logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(line => line.SingleLine = true),
    mount => new DoomedAccounts(mount.Accounts!.Open(), doom), CancellationToken.None);
var watching = doom.WatchAsync(options.Storage.Name);
await Task.WhenAny(server.RunAsync(), watching);
