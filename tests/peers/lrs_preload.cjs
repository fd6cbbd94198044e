// Loaded into the learning record store before its own code: it knows no option for the address it listens on, so
// listen() is bound to loopback here, on a port that the system chooses and that the parent is told.
const net = require('node:net');

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (_port, callback) {
    return listen.call(this, { host: '127.0.0.1', port: 0 }, () => {
        process.send({ port: this.address().port });
        if (typeof callback === 'function') callback();
    });
};
// It must not outlive the test that started it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
